package browsertest

import "testing"

// TestFirefox is all that needs a real Firefox: one browser, started once,
// with a page of its own origin for each part.
func TestFirefox(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	push := StartAutopush(t)
	firefox := StartFirefox(t, push)
	part := func(t *testing.T, name string, test func(*testing.T, *Firefox)) {
		t.Run(name, func(t *testing.T) {
			f := firefox.For(t)
			f.ClearNotifications()
			defer f.CloseAll()
			test(t, f)
		})
	}
	part(t, "Itself", testItself)
	t.Run("Recado", func(t *testing.T) {
		binary := BuildBinary(t)
		part(t, "Foreign", func(t *testing.T, f *Firefox) { testForeign(t, f, binary) })
		part(t, "Subscriber", func(t *testing.T, f *Firefox) { testSubscriber(t, f, binary) })
		part(t, "Rotation", func(t *testing.T, f *Firefox) { testRotation(t, f, binary) })
		part(t, "Categories", func(t *testing.T, f *Firefox) { testCategories(t, f, binary) })
		part(t, "Invite", func(t *testing.T, f *Firefox) { testInvite(t, f, binary) })
	})
}
