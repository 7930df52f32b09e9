package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// asset is one file, ready to send in its two encodings.
type asset struct {
	mediaType string
	plain     body
	gzip      body // empty when compressing does not pay
}

type body struct {
	content []byte
	etag    string
}

// mediaTypes are spelled out: the types of package mime depend on what is
// installed on the machine, and with nosniff a wrong one breaks the page.
var mediaTypes = map[string]string{
	".html":        "text/html; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".txt":         "text/plain; charset=utf-8",
	"":             "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".json":        "application/json",
}

func newAsset(name string, content []byte) (asset, error) {
	mediaType, ok := mediaTypes[path.Ext(name)]
	if !ok {
		return asset{}, fmt.Errorf("%s: no media type is known for this kind of file", name)
	}
	made := asset{mediaType: mediaType, plain: newBody(content, "")}
	if mediaType == "image/png" {
		return made, nil
	}
	packed, err := pack(content)
	if err != nil {
		return asset{}, fmt.Errorf("%s: compress: %w", name, err)
	}
	if len(packed) < len(content) {
		made.gzip = newBody(packed, "-gzip")
	}
	return made, nil
}

// newBody names the bytes by their hash. The encodings need different strong
// validators (RFC 9110 §8.8.3.3).
func newBody(content []byte, suffix string) body {
	sum := sha256.Sum256(content)
	return body{content, `"` + hex.EncodeToString(sum[:16]) + suffix + `"`}
}

func pack(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// serve sends the file; http.ServeContent adds conditions, ranges and HEAD.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	// Stored, but asked about every time: names carry no version.
	h.Set("Cache-Control", "no-cache")
	chosen := a.plain
	if a.gzip.content != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			chosen = a.gzip
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", chosen.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(chosen.content))
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip or * with a
// weight that is not zero; what names gzip beats what names everything.
func acceptsGzip(values []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight(params) > 0
		case "*":
			star = weight(params) > 0
		}
	}
	return star
}

func weight(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return 0
	}
	return q
}
