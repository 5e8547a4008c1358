// Package main builds the real kube-apiserver from the Go module k8s.io/kubernetes, so that `make conformance` needs
// no prebuilt program. It adds nothing: flags, start and stop are upstream's.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
