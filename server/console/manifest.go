package console

import (
	"encoding/json"
	"fmt"
	"net/url"
)

// manifest is the W3C Web Application Manifest that lets the page be
// installed, which iOS and iPadOS require for push.
type manifest struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	ShortName       string         `json:"short_name"`
	StartURL        string         `json:"start_url"`
	Scope           string         `json:"scope"`
	Display         string         `json:"display"`
	BackgroundColor string         `json:"background_color"`
	ThemeColor      string         `json:"theme_color"`
	Icons           []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// manifestAsset makes the manifest. An invite goes into the start address,
// because a page on an iPhone's Home Screen starts with storage of its own
// and would have forgotten the link that brought the person here. The id
// stays the same, so it is still the same app.
func manifestAsset(name, invite string) (asset, error) {
	start := "/"
	if invite != "" {
		start += "?" + url.Values{"invite": {invite}}.Encode()
	}
	content, err := json.MarshalIndent(manifest{
		ID: "/", Name: name, ShortName: name, StartURL: start, Scope: "/", Display: "standalone",
		BackgroundColor: "#f6f5f1", ThemeColor: "#f6f5f1",
		Icons: []manifestIcon{
			{Src: "/icon-192.png", Sizes: "192x192", Type: "image/png", Purpose: "any"},
			{Src: "/icon-512.png", Sizes: "512x512", Type: "image/png", Purpose: "any"},
			{Src: "/maskable-512.png", Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	}, "", "  ")
	if err != nil {
		return asset{}, fmt.Errorf("make the manifest: %w", err)
	}
	return newAsset(manifestPath, content)
}
