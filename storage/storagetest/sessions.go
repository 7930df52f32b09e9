package storagetest

import (
	"time"

	"recado/storage"
)

var sessionTests = []testCase{
	{"sessions", testSessions},
	{"sessions end with their token", testSessionsOfToken},
	{"forget sessions", testForgetSessions},
}

// token makes one whose hash begins with b.
func (s *suite) token(b byte) storage.Token {
	s.Helper()
	return must[storage.Token](s)(s.CreateToken(s.ctx, storage.Token{
		Name: "laptop", Scope: storage.ScopeRead, Style: "recado", Hash: [32]byte{b}, CreatedAt: s.now, ExpiresAt: s.now.Add(time.Hour),
	}))
}

// session makes one of the token, with a hash that begins with b.
func (s *suite) session(t storage.Token, b byte) {
	s.Helper()
	s.ok(s.CreateSession(s.ctx, storage.Session{Hash: [32]byte{b}, Token: t, CreatedAt: s.now, SeenAt: s.now}))
}

func testSessions(s *suite) {
	s.token(2)
	token := s.token(1) // whose key is not that of its session
	s.session(token, 10)
	got := must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{10}))
	t := got.Token
	if got.Key == 0 || got.Hash != [32]byte{10} || got.CreatedAt != s.now || got.SeenAt != s.now ||
		t.Key != token.Key || t.ID != token.ID || t.Name != "laptop" || t.Scope != storage.ScopeRead || t.Hash != token.Hash || t.ExpiresAt != token.ExpiresAt {
		s.Fatalf("session: %+v", got)
	}
	s.is(s.CreateSession(s.ctx, got), storage.ErrExists)
	_, err := s.SessionByHash(s.ctx, [32]byte{1}) // the token's own
	s.is(err, storage.ErrNotFound)

	at := s.now.Add(time.Minute)
	s.ok(s.TouchSession(s.ctx, got.Key, at))
	s.ok(s.TouchSession(s.ctx, got.Key+1, at.Add(time.Hour)))
	got = must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{10}))
	if got.SeenAt != at || got.CreatedAt != s.now || got.Token.LastUsedAt != at {
		s.Fatalf("touched session: %+v", got)
	}

	s.session(token, 11)
	s.ok(s.EndSession(s.ctx, [32]byte{10}))
	s.ok(s.EndSession(s.ctx, [32]byte{10}))
	_, err = s.SessionByHash(s.ctx, [32]byte{10})
	s.is(err, storage.ErrNotFound)
	must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{11}))
}

func testSessionsOfToken(s *suite) {
	revoked, other := s.token(1), s.token(2)
	s.session(revoked, 10)
	s.session(other, 11)
	s.ok(s.RevokeToken(s.ctx, revoked.ID))
	_, err := s.SessionByHash(s.ctx, [32]byte{10})
	s.is(err, storage.ErrNotFound)
	must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{11}))
	s.is(s.CreateSession(s.ctx, storage.Session{Hash: [32]byte{12}, Token: revoked, CreatedAt: s.now, SeenAt: s.now}), storage.ErrNotFound)
}

func testForgetSessions(s *suite) {
	token := s.token(1)
	s.session(token, 10)
	s.session(token, 11)
	used := must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{11}))
	s.ok(s.TouchSession(s.ctx, used.Key, s.now.Add(time.Second)))
	s.now = s.now.Add(keep.Sessions)
	s.clean()
	must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{10}))
	s.now = s.now.Add(time.Millisecond)
	s.clean()
	_, err := s.SessionByHash(s.ctx, [32]byte{10})
	s.is(err, storage.ErrNotFound)
	must[storage.Session](s)(s.SessionByHash(s.ctx, [32]byte{11}))
}
