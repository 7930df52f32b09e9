package qr

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// drawn reads a picture back: which modules are black, and its side.
func drawn(t *testing.T, svg []byte) (black map[[2]int]bool, side int) {
	t.Helper()
	var picture struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &picture); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(picture.ViewBox, "0 0 %d", &side); err != nil || len(picture.Paths) != 2 || picture.Paths[0].Fill != "#fff" {
		t.Fatalf("picture is %+v", picture)
	}
	black = map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(picture.Paths[1].D, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			black[[2]int{x + i, y}] = true
		}
	}
	return black, side
}

func TestSVG(t *testing.T) {
	for _, text := range []string{"", "https://push.example.org/?invite=" + strings.Repeat("x", 43), strings.Repeat("é", 1000)} {
		svg, err := SVG(text)
		if err != nil {
			t.Fatal(err)
		}
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		black, side := drawn(t, svg)
		if side != code.Size+8 {
			t.Errorf("%d bytes: side %d, code %d", len(text), side, code.Size)
		}
		for y := range side {
			for x := range side {
				if black[[2]int{x, y}] != code.Black(x-4, y-4) {
					t.Fatalf("%d bytes: module %d, %d is wrong", len(text), x, y)
				}
			}
		}
		if strings.Contains(string(svg), "style") {
			t.Error("there is a style in it")
		}
	}
}

func TestTooLong(t *testing.T) {
	if _, err := SVG(strings.Repeat("x", 4000)); err == nil {
		t.Error("4000 bytes fit")
	}
}
