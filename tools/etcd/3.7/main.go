// Command etcd is the etcd server of the release that go.mod pins, built as upstream builds it.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
