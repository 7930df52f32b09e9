// Package console serves recado's pages and static files: the subscriber's
// page at /, the documentation at /docs, the service worker, the manifest, icons
// and modules.
//
// Everything is read, rendered, compressed and hashed once by New; a request
// only picks bytes. Every answer carries an ETag made of the content, and
// must be revalidated, so that an upgrade is seen at the next load and an
// unchanged file costs one 304.
package console

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Options say what is served and what the pages say about themselves.
type Options struct {
	// FS holds the frontend: pages at its top, root/ for the site's root,
	// everything else for /assets/.
	FS fs.FS
	// InstanceName stands on the pages and names the installed app.
	InstanceName string
	// BaseURL is recado's address as browsers reach it; pages opened
	// elsewhere without https point there.
	BaseURL string
	// Version is shown to operators.
	Version string
	// OpenAPI is the document at /openapi.json that the page /docs shows; nil =
	// there is none.
	OpenAPI []byte
}

// Console serves the frontend. It never changes after New and is safe for
// concurrent use.
type Console struct {
	files        map[string]asset
	instanceName string
}

const (
	rootDir      = "root/"
	assetsPath   = "/assets/"
	manifestPath = "/manifest.webmanifest"
	workerPath   = "/sw.js"
	documentPath = "/openapi.json"
)

// New reads and prepares all files. It fails when the tree has no page for
// /, a page does not parse, or a file cannot be read.
func New(opts Options) (*Console, error) {
	c := &Console{files: map[string]asset{}, instanceName: opts.InstanceName}
	err := fs.WalkDir(opts.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(opts.FS, name)
		if err != nil {
			return err
		}
		if isPage(name) {
			if content, err = render(name, content, opts); err != nil {
				return err
			}
		}
		made, err := newAsset(name, content)
		if err != nil {
			return err
		}
		c.files[urlPath(name)] = made
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the frontend: %w", err)
	}
	if _, ok := c.files["/"]; !ok {
		return nil, fmt.Errorf("prepare the frontend: index.html is missing")
	}
	if c.files[manifestPath], err = manifestAsset(opts.InstanceName, ""); err != nil {
		return nil, err
	}
	if opts.OpenAPI != nil {
		if c.files[documentPath], err = newAsset(documentPath, opts.OpenAPI); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Files lists the URL paths that are served, sorted; each answers GET and
// HEAD. "/" stands for itself alone, not for everything below it.
func (c *Console) Files() []string {
	paths := make([]string, 0, len(c.files))
	for p := range c.files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// ServeHTTP answers one of Files and 404 for any other path. It expects GET
// or HEAD; other methods are refused with 405.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	file, ok := c.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if invite := r.URL.Query().Get("invite"); r.URL.Path == manifestPath && invite != "" {
		if invited, err := manifestAsset(c.instanceName, invite); err == nil {
			file = invited
		}
	}
	if r.URL.Path == workerPath {
		w.Header().Set("Content-Security-Policy", workerPolicy)
	}
	file.serve(w, r)
}

func isPage(name string) bool {
	return !strings.Contains(name, "/") && path.Ext(name) == ".html"
}

// urlPath says where a file of the tree is served: index.html at /, another
// page at its name, root/x at /x, anything else under /assets/.
func urlPath(name string) string {
	switch {
	case name == "index.html":
		return "/"
	case isPage(name):
		return "/" + strings.TrimSuffix(name, ".html")
	case strings.HasPrefix(name, rootDir):
		return "/" + strings.TrimPrefix(name, rootDir)
	default:
		return assetsPath + name
	}
}

// render fills a page's template. It runs once: nothing in a page depends on
// the request.
func render(name string, content []byte, opts Options) ([]byte, error) {
	page, err := template.New(name).Option("missingkey=error").Parse(string(content))
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, opts); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return out.Bytes(), nil
}
