package browsertest

import (
	"testing"
)

// TestFirefox is all that needs a real Firefox: one browser, started once,
// with a page of its own origin for each part.
func TestFirefox(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	push := StartAutopush(t)
	firefox := StartFirefox(t, push)
	for _, part := range []struct {
		name string
		test func(*testing.T, *Firefox)
	}{
		{"Itself", testItself},
	} {
		t.Run(part.name, func(t *testing.T) {
			f := firefox.For(t)
			f.ClearNotifications()
			defer f.CloseAll()
			part.test(t, f)
		})
	}
}
