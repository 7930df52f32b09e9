// Package embed carries recado's frontend inside the binary: plain ES modules,
// styles and pictures, used by browsers exactly as they stand here.
//
// The tree has three parts. HTML files at the top are pages and Go templates
// (html/template); root holds what has to be served from the root of the
// site, such as the service worker, whose scope is the directory it comes
// from; everything else is served under /assets/ with the same relative
// paths, so that modules find each other.
package embed

import (
	"embed"
	"io/fs"
)

//go:embed web
var web embed.FS

// Web returns the frontend's files, rooted at the pages. It never changes
// while the program runs and is safe for concurrent use.
func Web() fs.FS {
	sub, err := fs.Sub(web, "web")
	if err != nil {
		// Unreachable: fs.Sub fails on invalid names alone, and "web" is valid.
		return web
	}
	return sub
}
