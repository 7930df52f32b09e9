//go:build system

package systemtest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	configFile = "/etc/recado/config.toml"
	dataDir    = "/var/lib/recado"
	units      = "/etc/systemd/system"
)

// wants fails the test for every word that text does not have.
func wants(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

// Packagers set DESTDIR: everything goes below it, nothing is started.
func TestSystemInstallForPackagers(t *testing.T) {
	t.Parallel()
	dest, prefix := t.TempDir(), t.TempDir()
	binary := nothing(t)
	install := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("sh", append([]string{"../../install.sh"}, args...)...)
		cmd.Env = append(os.Environ(), "DESTDIR="+dest)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("install.sh %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	install("--binary", binary, "--prefix", prefix, "--dry-run")
	if entries, err := os.ReadDir(dest); err != nil || len(entries) != 0 {
		t.Errorf("--dry-run left %v, %v", entries, err)
	}
	install("--binary", binary, "--prefix", prefix)
	for name, mode := range map[string]os.FileMode{
		prefix + "/bin/recado":           0o755,
		configFile:                       0o640,
		dataDir:                          0o700 | os.ModeDir,
		units + "/recado.service":        0o644,
		units + "/recado-backup.service": 0o644,
		units + "/recado-backup.timer":   0o644,
		dataDir + "/backups":             0o700 | os.ModeDir,

		prefix + "/share/bash-completion/completions/recado":    0o644,
		prefix + "/share/zsh/site-functions/_recado":            0o644,
		prefix + "/share/fish/vendor_completions.d/recado.fish": 0o644,
	} {
		if st, err := os.Stat(filepath.Join(dest, name)); err != nil || st.Mode() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, st, err, mode)
		}
	}
	if err := os.WriteFile(filepath.Join(dest, configFile), []byte("listen = \":80\"\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	wants(t, install("--binary", binary, "--prefix", prefix), "keeping ")
	if data, err := os.ReadFile(filepath.Join(dest, configFile)); err != nil || string(data) != "listen = \":80\"\n" {
		t.Errorf("a second run changed the configuration: %q, %v", data, err)
	}
	// What is packaged is looked at where it will lie.
	must(t, os.MkdirAll(prefix+"/bin", 0o755))
	must(t, os.Symlink(binary, prefix+"/bin/recado"))
	checkUnits(t, filepath.Join(dest, units))
	install("--uninstall", "--prefix", prefix)
	if _, err := os.Stat(filepath.Join(dest, configFile)); err != nil {
		t.Errorf("--uninstall took the configuration: %v", err)
	}
	install("--uninstall", "--purge", "--prefix", prefix)
	must(t, filepath.WalkDir(dest, func(path string, entry os.DirEntry, err error) error {
		if err == nil && (!entry.IsDir() || strings.Contains(entry.Name(), "recado")) {
			t.Errorf("--purge left %s", path)
		}
		return err
	}))
}

// checkUnits lets systemd itself read the units.
func checkUnits(t *testing.T, dir string) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("systemd-analyze is not installed")
		}
		t.Log("systemd-analyze is not installed: the units are not looked at")
		return
	}
	analyze := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		if err != nil {
			t.Errorf("systemd-analyze %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	for _, unit := range []string{"recado.service", "recado-backup.service", "recado-backup.timer"} {
		if said := analyze("verify", "--man=no", filepath.Join(dir, unit)); said != "" {
			t.Errorf("systemd-analyze verify %s says\n%s", unit, said)
		}
	}
	for _, unit := range []string{"recado.service", "recado-backup.service"} {
		analyze("security", "--no-pager", "--offline=true", "--threshold=15", filepath.Join(dir, unit)) // 1.5 of 10
	}
}

func TestSystemInstallFresh(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	m := manage(r)
	before := r.tree()
	wants(t, r.install("--help"), "--binary", "--prefix", "--purge", "--dry-run")
	said := r.install("--base-url", "https://push.example.org", "--dry-run")
	wants(t, said, "would run: useradd", "would write: "+configFile, "would run: systemctl restart recado.service")
	if after := r.tree(); !slices.Equal(before, after) || m.asked() != "" {
		t.Errorf("--dry-run changed something; it asked systemctl for %q", m.asked())
	}

	said = r.install("--base-url", "https://push.example.org")
	for name, want := range map[string]string{
		"/usr/local/bin/recado":          "root:root 0755",
		configFile:                       "root:recado 0640",
		dataDir:                          "recado:recado 0700",
		dataDir + "/backups":             "recado:recado 0700",
		dataDir + "/recado.db":           "recado:recado 0600",
		dataDir + "/admin-token":         "recado:recado 0600",
		units + "/recado.service":        "root:root 0644",
		units + "/recado-backup.service": "root:root 0644",
		units + "/recado-backup.timer":   "root:root 0644",
	} {
		if got := r.owner(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	wants(t, r.read(configFile), "\nbase_url = \"https://push.example.org\"\n", "\ndata_dir = \"/var/lib/recado\"\n")
	wants(t, m.asked(), "daemon-reload", "enable recado.service recado-backup.timer", "start recado-backup.timer", "restart recado.service")
	wants(t, said, "    push.example.org {\n        reverse_proxy 127.0.0.1:8080\n    }\n", "    tailscale serve --bg 8080\n",
		"until the first sign-in at https://push.example.org/admin: /var/lib/recado/admin-token", "recado doctor --config "+configFile)
	signIn(t, r, m)
	checkBackups(t, r, m)

	must(t, os.Chmod(r.path(dataDir+"/backups/recado-1.db"), 0o644))
	examined, err := r.run("/usr/local/bin/recado", "doctor", "--offline", "--config", configFile)
	if err == nil {
		t.Error("the doctor found nothing wrong with a backup that others can read")
	}
	wants(t, examined, "chmod 0600 /var/lib/recado/backups/recado-1.db")
}

// signIn signs in with the token that the installer pointed at.
func signIn(t *testing.T, r *root, m *manager) {
	t.Helper()
	token := strings.TrimSpace(r.read(dataDir + "/admin-token"))
	answer, err := http.Post(m.serves()+"/v1/session", "application/json", strings.NewReader(fmt.Sprintf(`{"token": %q}`, token)))
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent || r.exists(dataDir+"/admin-token") {
		t.Errorf("signing in: %d; the file is still there: %v", answer.StatusCode, r.exists(dataDir+"/admin-token"))
	}
}

// checkBackups runs the nightly backup for eight days: the last seven are kept,
// each of them good.
func checkBackups(t *testing.T, r *root, m *manager) {
	t.Helper()
	for day := range 8 {
		r.write("/usr/bin/date", fmt.Sprintf("#!/bin/sh\n[ \"$1\" = +%%u ] && echo %d\n", day%7+1), 0o755)
		r.must("/usr/bin/systemctl", "start", "recado-backup.service")
	}
	files, err := os.ReadDir(r.path(dataDir + "/backups"))
	must(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		if got := r.owner(dataDir + "/backups/" + f.Name()); got != "recado:recado 0600" {
			t.Errorf("%s is %s", f.Name(), got)
		}
	}
	if got := strings.Join(names, " "); got != "recado-1.db recado-2.db recado-3.db recado-4.db recado-5.db recado-6.db recado-7.db" {
		t.Errorf("eight nights left %s", got)
	}
	wants(t, r.must("/usr/local/bin/recado", "restore", dataDir+"/backups/recado-3.db", "--data-dir", "/tmp/restored"), "restored", "1 keys")
}

// Where systemd does not run, it says how to go on, and that works.
func TestSystemInstallWithoutSystemd(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	said := r.install("--prefix", "/opt/recado")
	start := "/opt/recado/bin/recado serve --config " + configFile
	wants(t, said, "    push.example.org {\n        reverse_proxy 127.0.0.1:8080\n", "write its address into "+configFile+" as base_url", "It was not started", "systemctl enable --now recado recado-backup.timer", "as the user recado: "+start)
	if r.exists(dataDir+"/recado.db") || r.owner(configFile) != "root:recado 0640" {
		t.Errorf("it made a database, or the configuration is %s", r.owner(configFile))
	}
	m := manage(r)
	r.must("/usr/bin/systemctl", "start", "recado.service") // runs that line
	if got := r.owner(dataDir + "/recado.db"); got != "recado:recado 0600" {
		t.Errorf("the database is %s", got)
	}
	wants(t, m.said(), "listening on ")
}

// installed is a root with recado in it, and a category to know its data by.
func installed(t *testing.T) (*root, *manager) {
	t.Helper()
	r := newRoot(t)
	m := manage(r)
	r.install("--base-url", "https://push.example.org")
	r.must("/usr/local/bin/recado", "category", "add", "before", "--config", configFile)
	return r, m
}

func TestSystemInstallUpgrade(t *testing.T) {
	t.Parallel()
	r, m := installed(t)
	mine, err := os.OpenFile(r.path(configFile), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	fmt.Fprintln(mine, "# mine")
	must(t, mine.Close())
	config, first := r.owner(configFile), m.main
	old := r.read("/usr/local/bin/recado")
	r.write("/src/recado", old+"\n", 0o755) // another program that works alike
	for range 2 {
		said := r.install("--base-url", "https://other.example.org")
		wants(t, said, "keeping "+configFile, "recado is upgraded; the data of before is in /var/lib/recado/backups/before-upgrade.db")
		if got := r.owner(dataDir + "/backups/before-upgrade.db"); got != "recado:recado 0600" {
			t.Errorf("the copy of before is %s", got)
		}
		if m.main == first || m.serves() == "" {
			t.Errorf("the service was not restarted; its log is\n%s", m.said())
		}
		wants(t, r.read(configFile), "https://push.example.org", "# mine")
		wants(t, r.must("/usr/local/bin/recado", "category", "list", "--config", configFile), "before")
	}
	if r.read("/usr/local/bin/recado") != old+"\n" || r.owner(configFile) != config {
		t.Errorf("the program is not the new one, or the configuration is %s", r.owner(configFile))
	}
	if got := r.owner(dataDir + "/recado.db"); got != "recado:recado 0600" {
		t.Errorf("the database is %s", got)
	}
}

// Whoever has broken into the service may write its directories, and waits for root
// to upgrade: nothing that a link of theirs leads to is given away, or changed.
func TestSystemUpgradeFollowsNoLinkOfTheService(t *testing.T) {
	t.Parallel()
	r, _ := installed(t)
	uid, gid, _ := r.user("recado")
	plant := func(name, to string) {
		t.Helper()
		must(t, os.RemoveAll(r.path(name)))
		must(t, os.Symlink(to, r.path(name)))
		must(t, os.Lchown(r.path(name), int(uid), int(gid)))
	}
	etc, shadow := r.owner("/etc"), r.owner("/etc/shadow")
	plant(dataDir+"/backups/before-upgrade.db", "/etc/shadow")
	r.install()
	if got := r.owner(dataDir + "/backups/before-upgrade.db"); got != "recado:recado 0600" || r.owner("/etc/shadow") != shadow {
		t.Errorf("the copy of before is %s, /etc/shadow %s, it was %s", got, r.owner("/etc/shadow"), shadow)
	}
	plant(dataDir+"/backups", "/etc")
	if said, err := r.run("/bin/sh", "/src/install.sh"); err == nil {
		t.Errorf("it went on:\n%s", said)
	}
	if got := r.owner("/etc"); got != etc || r.exists("/etc/before-upgrade.db") {
		t.Errorf("/etc is %s, it was %s", got, etc)
	}
}

// A program that changes the data and then does not start leaves no trace but
// itself.
func TestSystemInstallRollsBack(t *testing.T) {
	t.Parallel()
	r, m := installed(t)
	old := r.read("/usr/local/bin/recado")
	r.write("/src/works", old, 0o755)
	r.write("/src/broken", `#!/bin/sh
[ "$1" = serve ] || exec /src/works "$@"
/src/works category remove before --config /etc/recado/config.toml
/src/works category add after --config /etc/recado/config.toml
echo "this program is broken" >&2
exit 1
`, 0o755)
	said, err := r.run("/bin/sh", "/src/install.sh", "--binary", "/src/broken")
	if err == nil {
		t.Error("an upgrade that was rolled back ended well")
	}
	wants(t, said, "did not become ready; journalctl -u recado says why", "rolled back: the old program runs on the data of before the upgrade",
		"/usr/local/bin/recado.failed")
	wants(t, m.said(), "this program is broken")
	if r.read("/usr/local/bin/recado") != old || m.serves() == "" {
		t.Errorf("the old program does not run; its log is\n%s", m.said())
	}
	list := r.must("/usr/local/bin/recado", "category", "list", "--config", configFile)
	if !strings.Contains(list, "before") || strings.Contains(list, "after") {
		t.Errorf("the data is not that of before:\n%s", list)
	}
	if got := r.owner(dataDir + "/recado.db"); got != "recado:recado 0600" {
		t.Errorf("the database is %s", got)
	}
	// One that cannot even back up changes nothing.
	r.write("/src/useless", "#!/bin/sh\nexit 1\n", 0o755)
	url := m.serves()
	if said, err := r.run("/bin/sh", "/src/install.sh", "--binary", "/src/useless"); err == nil || !strings.Contains(said, "so nothing was upgraded") {
		t.Errorf("without a backup: %v, %s", err, said)
	}
	if r.read("/usr/local/bin/recado") != old || m.serves() != url {
		t.Error("an upgrade without a backup changed something")
	}
	// The next upgrade works, and sweeps up.
	wants(t, r.install("--binary", "/src/works"), "recado is upgraded")
}

// A first installation that does not start has nothing to go back to.
func TestSystemInstallSaysWhyItDoesNotStart(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	manage(r)
	r.write(configFile, "listen = \"nowhere\"\n", 0o640)
	said, err := r.run("/bin/sh", "/src/install.sh")
	if err == nil {
		t.Error("it ended well")
	}
	wants(t, said, "did not become ready; journalctl -u recado says why", "mend what the log says, then systemctl start recado")
}

func TestSystemUninstall(t *testing.T) {
	t.Parallel()
	r, m := installed(t)
	before, serves, asked := r.tree(), m.serves(), m.asked()
	wants(t, r.install("--dry-run"), "would run: mv -f")
	wants(t, r.install("--uninstall", "--purge", "--dry-run"), "would run: systemctl disable", "would run: userdel recado")
	if !slices.Equal(before, r.tree()) || m.serves() != serves || m.asked() != asked {
		t.Error("--dry-run changed something")
	}
	wants(t, r.install("--uninstall"), "kept: "+configFile, "--purge removes them")
	if m.serves() != "" {
		t.Error("the service still runs")
	}
	for _, name := range []string{"/usr/local/bin/recado", units + "/recado.service", units + "/recado-backup.service", units + "/recado-backup.timer"} {
		if r.exists(name) {
			t.Errorf("%s is still there", name)
		}
	}
	if _, _, there := r.user("recado"); !there || !r.exists(dataDir+"/recado.db") || !r.exists(configFile) {
		t.Error("the user, its data or the configuration are gone")
	}
	// Installed again it goes on with what was kept.
	r.install()
	wants(t, r.must("/usr/local/bin/recado", "category", "list", "--config", configFile), "before")

	r.write(units+"/recado.service.d/override.conf", "[Service]\n", 0o644)
	r.install("--uninstall", "--purge")
	r.install("--uninstall", "--purge") // nothing is left to remove
	if _, _, there := r.user("recado"); there {
		t.Error("the user is still there")
	}
	for _, line := range r.tree() {
		if name, _, _ := strings.Cut(line, " "); strings.Contains(name, "recado") && !strings.HasPrefix(name, "/src/") {
			t.Errorf("--purge left %s", name)
		}
	}
}

func TestSystemInstallRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	r := newRoot(t)
	before := r.tree()
	for option, want := range map[string]string{
		"--frobnicate":     "unknown option --frobnicate",
		"--purge":          "--purge only goes with --uninstall",
		"--prefix=relativ": "unknown option",
		"--binary":         "--binary needs a value",
	} {
		said, err := r.run("/bin/sh", "/src/install.sh", option)
		if err == nil || !strings.Contains(said, want) {
			t.Errorf("%s: %v, %s", option, err, said)
		}
	}
	for _, address := range []string{"https://x\"\ndebug_listen = \"", "https://x|e touch /tmp/x;", "https://x&y", `https://x\n`, "https://x y"} {
		said, err := r.run("/bin/sh", "/src/install.sh", "--base-url", address)
		if err == nil || !strings.Contains(said, "an address has letters") {
			t.Errorf("%s: %v, %s", address, err, said)
		}
	}
	if !slices.Equal(before, r.tree()) {
		t.Error("it changed something")
	}
}

// nothing is a program that does nothing.
func nothing(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recado")
	must(t, os.WriteFile(file, []byte("#!/bin/sh\n"), 0o755))
	return file
}
