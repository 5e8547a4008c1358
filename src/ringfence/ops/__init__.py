"""One async function a verb: it joins the layers below and returns a value. Nothing here prints or exits."""
