// Package qr draws a web address as a QR code, for a phone to read off a screen
// or a sheet of paper.
package qr

import (
	"bytes"
	"fmt"

	"rsc.io/qr"
)

// quiet is the free margin that readers need, in modules (ISO/IEC 18004 §9.1).
const quiet = 4

// SVG draws text as a picture of its own, without style or script, so that it may
// stand in a page with a strict content security policy. It is black on white
// whatever the page's colors are, because readers expect that; how large it is
// shown is the page's choice. Text over some 2,300 bytes is an error.
func SVG(text string) ([]byte, error) {
	// M: a seventh may be smudged.
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw %d bytes as a QR code: %w", len(text), err)
	}
	var out bytes.Buffer
	side := code.Size + 2*quiet
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, side, side)
	fmt.Fprintf(&out, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for code.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	out.WriteString(`"/></svg>`)
	return out.Bytes(), nil
}
