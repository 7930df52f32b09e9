package sqlstore

import "strings"

// browserOf says of a User-Agent what pages say of it, "Firefox 140 on Android",
// so that it can be searched for: the whole of it has everybody's name in it.
// What is no browser's is as it is.
func browserOf(agent string) string {
	for _, browser := range browsers() {
		for _, mark := range browser.marks {
			_, rest, ok := strings.Cut(agent, mark)
			if !ok {
				continue
			}
			if _, version, ok := strings.Cut(agent, "Version/"); ok && mark == "Safari/" {
				rest = version
			}
			return strings.TrimSpace(browser.name+" "+digits(rest)) + system(agent)
		}
	}
	return agent
}

type named struct {
	name  string
	marks []string
}

// browsers are in the order to look for them: almost all call themselves Chrome and
// Safari too.
func browsers() []named {
	return []named{
		{"Edge", []string{"Edg/", "EdgA/", "EdgiOS/", "Edge/"}}, {"Opera", []string{"OPR/", "OPT/"}},
		{"Samsung Internet", []string{"SamsungBrowser/"}}, {"Vivaldi", []string{"Vivaldi/"}},
		{"Firefox", []string{"Firefox/", "FxiOS/"}}, {"Chrome", []string{"Chrome/", "CriOS/", "Chromium/"}}, {"Safari", []string{"Safari/"}},
	}
}

func system(agent string) string {
	for _, system := range []named{
		{"iPhone", []string{"iPhone", "iPod"}}, {"iPad", []string{"iPad"}}, {"Android", []string{"Android"}}, {"ChromeOS", []string{"CrOS"}},
		{"Windows", []string{"Windows"}}, {"macOS", []string{"Macintosh", "Mac OS X"}}, {"Linux", []string{"Linux", "X11"}},
	} {
		for _, mark := range system.marks {
			if strings.Contains(agent, mark) {
				return " on " + system.name
			}
		}
	}
	return ""
}

// digits are those that a text begins with.
func digits(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
}
