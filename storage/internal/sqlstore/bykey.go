package sqlstore

import (
	"slices"
	"strings"
)

// keysAtOnce is the width of a look-up by keys.
const keysAtOnce = 16

// someKeys are the placeholders of keysAtOnce keys.
var someKeys = `(?` + strings.Repeat(`, ?`, keysAtOnce-1) + `)`

// dense reports whether one scan from the lowest key to the highest, of which
// there is at least one, costs less than many look-ups.
func dense(keys []int64) bool {
	return slices.Max(keys)-slices.Min(keys) < 2*int64(len(keys))
}

// eachChunk calls fn with keysAtOnce keys at a time; the last time some may come
// again and again.
func eachChunk(keys []int64, fn func(args []any) error) error {
	args := make([]any, keysAtOnce)
	for chunk := range slices.Chunk(keys, keysAtOnce) {
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)]
		}
		if err := fn(args); err != nil {
			return err
		}
	}
	return nil
}
