package push

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	mozilla = "updates.push.services.mozilla.com"
	windows = "wns2-par02p.notify.windows.com"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		service string
		codes   []int
		want    Class
	}{
		{mozilla, []int{200, 201, 202, 204, 299}, Sent},
		{windows, []int{200, 201}, Sent},
		{mozilla, []int{404, 410}, Gone},
		{windows, []int{404, 410}, Gone},
		{mozilla, []int{401, 403}, Unauthorized},
		{mozilla, []int{400, 402, 405, 406, 407, 409, 411, 412, 413, 414, 415, 422, 426, 431, 451, 499}, Rejected},
		{mozilla, []int{300, 301, 302, 303, 304, 307, 308, 399}, Rejected},
		{mozilla, []int{100, 101, 199, 0, -1}, Rejected},
		{windows, []int{400, 413}, Rejected},
		{mozilla, []int{408, 425, 500, 501, 502, 503, 504, 507, 508, 511, 520, 599, 999}, Retry},
		{mozilla, []int{429}, Overloaded},
		{windows, []int{406, 429}, Overloaded},
		{windows + ":8443", []int{406}, Overloaded},
		{"notify.windows.com.evil.example", []int{406}, Rejected},
	} {
		for _, code := range c.codes {
			r := Classify(c.service, code, http.Header{"Retry-After": {"30"}}, nil, time.Now())
			if r.Class != c.want || r.Code != code {
				t.Errorf("%s %d: %s, want %s", c.service, code, r.Class, c.want)
			}
			if (r.Reason == "") != (c.want == Sent) {
				t.Errorf("%s %d: reason %q", c.service, code, r.Reason)
			}
			if retryable := r.Class.Retryable(); retryable != (r.RetryAfter == 30*time.Second) {
				t.Errorf("%s %d: retry after %s", c.service, code, r.RetryAfter)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		service string
		code    int
		header  http.Header
		body    string
		want    string
	}{
		{mozilla, 401, nil, `{"code":401,"errno":109,"error":"Unauthorized","message":"Invalid authentication","more_info":"http://x"}`, "Invalid authentication"},
		{"web.push.apple.com", 403, nil, `{"reason":"BadJwtToken"}`, "BadJwtToken"},
		{"fcm.googleapis.com", 400, nil, `{"error":{"code":400,"message":"Bad TTL","status":"INVALID_ARGUMENT"}}`, "INVALID_ARGUMENT Bad TTL"},
		{"fcm.googleapis.com", 403, nil, "the VAPID credentials in the authorization header\ndo not correspond\r\n", "the VAPID credentials in the authorization header do not correspond"},
		{"fcm.googleapis.com", 400, nil, "<HTML><HEAD><TITLE>Bad</TITLE><style>b{}</style></HEAD><BODY>Request\n</BODY></HTML>", "Bad Request"},
		{mozilla, 503, nil, "", "503 Service Unavailable"},
		{mozilla, 599, nil, " \n", "status 599"},
		{mozilla, 400, nil, `{"message":5,"reason":"why"}`, "why"},
		{mozilla, 400, nil, `{"a":1}`, `{"a":1}`},
		{mozilla, 400, nil, "a\x00b\x1b[31mc\u202e\u0085d\xff", "a b [31mc d\uFFFD"},
		{mozilla, 307, http.Header{"Location": {"https://evil.example/"}}, "moved", "the push service redirects, which is not followed"},
		{windows, 406, http.Header{"X-Wns-Status": {"throttled"}, "X-Wns-Error-Description": {"Too many"}}, "", "Too many; Status: throttled"},
		{windows, 410, http.Header{"X-Wns-Notificationstatus": {"dropped"}}, "ignored", "dropped"},
		{windows, 400, nil, "text", "text"},
	} {
		if got := Classify(c.service, c.code, c.header, []byte(c.body), time.Now()).Reason; got != c.want {
			t.Errorf("%s %d: %q, want %q", c.service, c.code, got, c.want)
		}
	}
}

func TestReasonsAreBoundedAndDiscreet(t *testing.T) {
	endpoint, err := vendors.Check("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABSECRETSECRET?k=v")
	if err != nil {
		t.Fatal(err)
	}
	tok := &token{secret: "aaa.bbb.ccc"}
	secrets := secretsOf("https://updates.push.services.mozilla.com:443/wpush/v2/gAAAAABSECRETSECRET?k=v", endpoint, tok)
	for name, body := range map[string]string{
		"as given":     "no " + "https://updates.push.services.mozilla.com:443/wpush/v2/gAAAAABSECRETSECRET?k=v" + " here",
		"canonical":    "no " + endpoint.URL,
		"path":         "no /wpush/v2/gAAAAABSECRETSECRET",
		"token":        "bad aaa.bbb.ccc",
		"at the limit": strings.Repeat("é", 505) + "x" + endpoint.URL,
		"JSON":         `{"message":"https:\/\/updates.push.services.mozilla.com\/wpush\/v2\/gAAAAABSECRETSECRET"}`,
		"long":         strings.Repeat("日", 4000),
	} {
		r := classify(mozilla, 400, nil, []byte(body), time.Now(), secrets...)
		if len(r.Reason) > maxReason || !utf8.ValidString(r.Reason) || strings.ContainsFunc(r.Reason, unicode.IsControl) {
			t.Errorf("%s: %d bytes: %q", name, len(r.Reason), r.Reason)
		}
		for _, secret := range []string{"gAAAAAB", "SECRET", "bbb"} {
			if strings.Contains(r.Reason, secret) {
				t.Errorf("%s: %q", name, r.Reason)
			}
		}
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"":                                  0,
		"0":                                 0,
		"1":                                 time.Second,
		" 120 ":                             2 * time.Minute,
		"3600":                              time.Hour,
		"3601":                              time.Hour,
		"99999999999999999999999999":        time.Hour,
		"-5":                                0,
		"1.5":                               0,
		"soon":                              0,
		"1e3":                               0,
		"+7":                                0,
		"Wed, 04 Mar 2026 05:07:07 GMT":     time.Minute,
		"Wed, 04 Mar 2026 05:06:07 GMT":     0,
		"Wed, 04 Mar 2020 05:06:07 GMT":     0,
		"Wed, 04 Mar 2099 05:06:07 GMT":     time.Hour,
		"Wednesday, 04-Mar-26 05:06:17 GMT": 10 * time.Second,
		"Wed Mar  4 05:06:17 2026":          10 * time.Second,
		"Wed, 99 Mar 2026 05:07:07 GMT":     0,
	} {
		if got := ParseRetryAfter(v, now); got != want {
			t.Errorf("%q: %s, want %s", v, got, want)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Wed, 04 Mar 2026 05:07:07 GMT")
	f.Add("-1")
	f.Fuzz(func(t *testing.T, v string) {
		if d := ParseRetryAfter(v, time.Unix(1772600000, 0)); d < 0 || d > time.Hour {
			t.Fatalf("%q: %s", v, d)
		}
	})
}

func FuzzClassify(f *testing.F) {
	f.Add(400, []byte(`{"message":"x"}`), "10")
	f.Add(503, []byte("<p>\xff<script>"), "")
	f.Fuzz(func(t *testing.T, code int, body []byte, header string) {
		r := Classify(windows, code, http.Header{"Retry-After": {header}, "X-Wns-Status": {header}}, body, time.Unix(1772600000, 0))
		if len(r.Reason) > maxReason || !utf8.ValidString(r.Reason) || strings.ContainsFunc(r.Reason, unicode.IsControl) {
			t.Fatalf("reason %q", r.Reason)
		}
		if r.Class < Sent || r.Class > Retry || r.RetryAfter < 0 || r.RetryAfter > time.Hour {
			t.Fatalf("%+v", r)
		}
	})
}
