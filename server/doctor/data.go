package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"recado/server/space"
	"recado/storage"
)

func configuration(_ context.Context, p *Patient) []Finding {
	c := p.Config
	where := "the defaults and the environment; there is no file"
	if c.File != "" {
		where = c.File
	}
	var found []Finding
	if c.Access.Publish == "open" {
		found = append(found, warn("access.publish is open: whoever reaches the server can send to everyone", "set access.publish = \"token\", unless the network is yours alone"))
	}
	if c.File != "" && c.Access.AdminToken != "" && othersCanRead(c.File) {
		found = append(found, problem(c.File+" holds access.admin_token, and other users of this machine can read it", "chmod 0640 "+c.File))
	}
	return orFine(found, "read from "+where)
}

func othersCanRead(file string) bool {
	st, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && st.Mode().Perm()&0o007 != 0
}

// permissions looks at everything in the data directory: all of it is secret.
func permissions(_ context.Context, p *Patient) []Finding {
	dir := p.Config.DataDir
	if runtime.GOOS == "windows" {
		return skip("not looked at on this system")
	}
	var found []Finding
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // it has gone meanwhile
		}
		mode, right := info.Mode().Perm(), "0600"
		if entry.IsDir() {
			right = "0700"
		}
		if mode&0o077 != 0 {
			found = append(found, problem(fmt.Sprintf("%s has mode %04o: other users of this machine can get at keys and subscriptions", path, mode),
				fmt.Sprintf("chmod %s %s", right, path)))
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return skip("there is no data directory yet: the first recado serve makes it")
	case err != nil:
		return []Finding{problem("the data directory cannot be read: "+err.Error(), "run recado doctor as the user that the server runs as, or as root")}
	}
	if token := filepath.Join(dir, "admin-token"); exists(token) {
		found = append(found, warn("the first admin token still lies in "+token, "sign in once at "+p.Config.BaseURL+"/admin: the file is deleted then"))
	}
	return orFine(found, "only the owner can read "+dir)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

const restoreRemedy = "stop the server and bring a backup back: recado restore FILE --force"

func database(ctx context.Context, p *Patient) []Finding {
	if p.OpenError != nil {
		return []Finding{problem("the database cannot be opened: "+p.OpenError.Error(), openRemedy(p))}
	}
	if p.Store == nil {
		return skip("there is no database yet: the first recado serve makes it")
	}
	if err := p.Intact(ctx); err != nil {
		return []Finding{problem("the database is not intact: "+err.Error(), restoreRemedy)}
	}
	return fine("every page is intact")
}

// openRemedy is what to do about a database that cannot be opened. A backup helps
// against damage alone.
func openRemedy(p *Patient) string {
	free, unknown := space.Available(p.Config.DataDir)
	switch {
	case p.Damaged:
		return restoreRemedy
	case errors.Is(p.OpenError, syscall.EROFS):
		return "the file system is read-only, as it becomes after an error of its disk: mend it (dmesg says more) and mount it writable; nothing of recado's is lost"
	case errors.Is(p.OpenError, fs.ErrPermission):
		return "run recado doctor as the user that the server runs as, or as root"
	case unknown == nil && free < tooLittle:
		return "make room; nothing of recado's is lost"
	}
	return "look at the disk below " + p.Config.DataDir + " (dmesg says more) before you bring a backup back"
}

// Room that should be left: what a fan-out to very many and its log need.
const (
	lowSpace  = 1 << 30
	tooLittle = 100 << 20
)

func freeSpace(_ context.Context, p *Patient) []Finding {
	free, err := space.Available(p.Config.DataDir)
	if err != nil {
		return skip("cannot be told: " + err.Error())
	}
	message := fmt.Sprintf("%.1f GB are free where the data lies", float64(free)/1e9)
	remedy := "make room, or shorten retention.deliveries"
	switch {
	case free < tooLittle:
		return []Finding{problem(message, remedy)}
	case free < lowSpace:
		return []Finding{warn(message, remedy)}
	}
	return fine(message)
}

func keys(ctx context.Context, p *Patient) []Finding {
	if p.Store == nil {
		return skip("there is no database yet")
	}
	list, err := p.Store.Keys(ctx)
	if err != nil {
		return []Finding{problem("the VAPID keys cannot be read: "+err.Error(), restoreRemedy)}
	}
	stats, err := p.Store.Stats(ctx, p.Now())
	if err != nil {
		return []Finding{problem("the subscriptions cannot be counted: "+err.Error(), restoreRemedy)}
	}
	var found []Finding
	bound := 0
	for i, k := range list {
		bound += k.Subscriptions
		if i > 0 && k.Subscriptions == 0 {
			found = append(found, warn(fmt.Sprintf("key %s is old and no subscription has it", k.ID), "recado keys retire "+k.ID))
		}
	}
	if lost := stats.Subscriptions - bound; lost > 0 {
		found = append(found, problem(fmt.Sprintf("%d subscriptions belong to a key that is not here: nothing can be sent to them", lost),
			"bring the key back with recado keys import FILE, or a backup that has it"))
	}
	if len(list) == 0 && stats.Subscriptions == 0 {
		return skip("there is no key yet: the first recado serve makes one")
	}
	return orFine(found, fmt.Sprintf("%d subscriptions, %d keys", stats.Subscriptions, len(list)))
}

// stuckAfter is how late a delivery may be with a server running.
const stuckAfter = time.Minute

func queue(ctx context.Context, p *Patient) []Finding {
	if p.Store == nil {
		return skip("there is no database yet")
	}
	stats, err := p.Store.Stats(ctx, p.Now())
	if err != nil {
		return []Finding{problem("the queue cannot be read: "+err.Error(), restoreRemedy)}
	}
	late := p.Now().Sub(stats.OldestDue)
	switch {
	case stats.OldestDue.IsZero() || late < stuckAfter:
		return fine(fmt.Sprintf("%d deliveries wait, none for longer than it should", stats.Depth))
	case !p.Running:
		return []Finding{warn(fmt.Sprintf("deliveries wait since %s, and no server runs", stats.OldestDue.Local().Format(time.DateTime)), "start the server: systemctl start recado, or recado serve")}
	}
	return []Finding{problem(fmt.Sprintf("the longest waiting delivery is due for %s although a server runs", late.Round(time.Second)),
		"look at System on the operator's page: a push service may be paused, or the database full; recado's log says more")}
}

// webhooks looks for categories that the configuration names and nobody has made.
func webhooks(ctx context.Context, p *Patient) []Finding {
	if p.Store == nil {
		return skip("there is no database yet")
	}
	var found []Finding
	for _, name := range slices.Sorted(maps.Keys(p.Config.Webhooks)) {
		wanted := p.Config.Webhooks[name].Categories
		there, err := p.Store.CategoriesByName(ctx, wanted)
		if err != nil {
			return []Finding{problem("the categories cannot be read: "+err.Error(), restoreRemedy)}
		}
		for _, category := range storage.MissingCategories(wanted, there) {
			found = append(found, problem(fmt.Sprintf("[webhook.%s] publishes to the category %q, which does not exist: what comes is refused", name, category),
				"make it with recado category add "+category+", or correct categories"))
		}
	}
	return orFine(found, fmt.Sprintf("%d in the configuration", len(p.Config.Webhooks)))
}
