package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"recado/embed"
	"recado/server/console"
)

// What the operator's page works out by itself, in the browser that has to.
func TestModules(t *testing.T) {
	root := startBrowser(t)
	for name, test := range map[string]func(*testing.T, *tab){
		"rhythms": testRhythms, "bodies": testBodies, "back into the form": testRefill,
		"zones": testZones, "command": testCommand, "repeated press": testRepeatedPress,
		"agents": testAgents, "snippets": testSnippets, "directions": testDirections,
	} {
		t.Run(name, func(t *testing.T) { test(t, openModules(t, root)) })
	}
}

// openModules opens an empty page of the server, from which a test can import the
// frontend's modules.
func openModules(t *testing.T, root context.Context) *tab {
	t.Helper()
	c, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina Aurora", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", c)
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en" data-base="https://push.oficina.example"><title>Empty</title>`))
	})
	server := httptest.NewServer(console.SecurityHeaders("")(mux))
	t.Cleanup(server.Close)
	tb := open(t, root, view{name: "modules"})
	tb.do(chromedp.Navigate(server.URL + "/empty"))
	return tb
}

// A cron expression is said as people say it; one without a usual form stays as
// it is, for a wrong sentence would be worse than none.
func testRhythms(_ *testing.T, tb *tab) {
	for _, c := range []struct{ expression, english, portuguese string }{
		{"0 8 * * *", "Every day 08:00", "Todo dia às 08:00"},
		{"0 8 * * 1", "Mondays 08:00", "Segundas às 08:00"},
		{"0 8 * * MON", "Mondays 08:00", "Segundas às 08:00"},
		{"0 8 * * 7", "Sundays 08:00", "Domingos às 08:00"},
		{"0 8 * * 0,7", "Sundays 08:00", "Domingos às 08:00"},
		{"0 8 * * 0-7", "Every day 08:00", "Todo dia às 08:00"},
		{" 30  22 * * 1-5 ", "Weekdays 22:30", "Dias úteis às 22:30"},
		{"0 10 * * sat,sun", "Weekends 10:00", "Fins de semana às 10:00"},
		{"5 7 * * 0,1,4", "Mondays, Thursdays and Sundays 07:05", "Segundas, quintas e domingos às 07:05"},
		{"0 8,20 * * *", "Every day 08:00 and 20:00", "Todo dia às 08:00 e 20:00"},
		{"0 9 1 * *", "Day 1 of every month, 09:00", "Dia 1 de cada mês, 09:00"},
		{"0 9 1,15 * *", "Days 1 and 15 of every month, 09:00", "Dias 1 e 15 de cada mês, 09:00"},
		{"0 18 24 DEC *", "Every year on 24 December, 18:00", "Todo ano em 24 de dezembro, 18:00"},
		{"* * * * *", "Every minute", "A cada minuto"},
		{"*/15 * * * *", "Every 15 minutes", "A cada 15 minutos"},
		{"0,30 * * * *", "Every 30 minutes", "A cada 30 minutos"},
		{"*/15 * * * 1-5", "Weekdays, every 15 minutes", "Dias úteis, a cada 15 minutos"},
		{"5 * * * *", "Every hour at :05", "A cada hora, aos 05 minutos"},
		{"0 */2 * * *", "Every 2 hours at :00", "A cada 2 horas, aos 00 minutos"},
		{"0 */12 * * *", "Every day 00:00 and 12:00", "Todo dia às 00:00 e 12:00"},
	} {
		tb.wantRhythm("en-GB", c.expression, c.english)
		tb.wantRhythm("pt-BR", c.expression, c.portuguese)
	}
	for _, unusual := range []string{
		"*/7 * * * *",       // the hour ends before the last step does
		"0 */5 * * *",       // so does the day
		"5/15 * * * *",      // no star, no range
		"15,45 * * * *",     // neither one minute nor a step
		"*/15 8-18 * * *",   // both
		"0 8 1 * 1",         // the first, or a Monday
		"0 8 1-31 * 1",      // every day, by that rule
		"0 8 * 1-6 *",       // half the year
		"0 8 1,2,3,4,5 * *", // too many to name
		"0 8 * *", "0 8 * * * *", "", "60 8 * * *", "0 24 * * *", "0 8 0 * *", "0 8 * 13 *", "0 8 * * 8", "0 8 * * FOO", "*/0 * * * *", "8-5 * * * *",
	} {
		tb.wantRhythm("en-GB", unusual, unusual)
	}
}

func (tb *tab) wantRhythm(language, expression, want string) {
	tb.t.Helper()
	got := tb.js(`(async () => {
		const { speak } = await import("/assets/lang.js");
		const { rhythm } = await import("/assets/parts/rhythm.js");
		Object.defineProperty(navigator, "languages", { value: [` + quote(language) + `], configurable: true });
		speak(` + quote(language) + `);
		return rhythm(` + quote(expression) + `);
	})()`)
	if got != want {
		tb.t.Errorf("%q in %s is %q, want %q", expression, language, got, want)
	}
}

// A text of a stranger's turns around what it says itself, and nothing beside it:
// not in a sentence, nor in the line that it stands in.
func testDirections(t *testing.T, tb *tab) {
	if got := tb.js(`import("/assets/lang.js").then(({ t, steady }) => JSON.stringify([t("reason.again", { when: "a\u202eb\u2069c\u2066" }), steady("\u200fשלום\u200f é")]))`); got != "[\"again at abc\",\"\u200fשלום\u200f é\"]" {
		t.Errorf("in a sentence: %q", got)
	}
	got := tb.js(`new Promise((done) => {
		const style = document.createElement("link");
		style.rel = "stylesheet";
		style.href = "/assets/recado.css";
		style.onload = () => {
			const line = document.body.appendChild(document.createElement("p"));
			for (const text of ["evil\u202etxt", " · ", "plain"]) line.appendChild(document.createElement("span")).append(text);
			const left = (node, at) => { const r = document.createRange(); r.setStart(node, at); r.setEnd(node, at + 1); return r.getBoundingClientRect().left; };
			const [first, , last] = [...line.children].map((e) => e.firstChild);
			done([left(first, 0) < left(last, 0), left(last, 0) < left(last, 4), left(first, 5) > left(first, 7)].join());
		};
		document.head.append(style);
	})`)
	if got != "true,true,true" {
		t.Errorf("in a line: %s", got)
	}
}
