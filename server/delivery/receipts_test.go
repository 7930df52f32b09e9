package delivery

import (
	"bytes"
	"testing"
)

func newTestReceipts(t testing.TB) *Receipts {
	t.Helper()
	r, err := NewReceipts(bytes.Repeat([]byte{7}, ReceiptSecretSize))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptsAreGoodForTheirDelivery(t *testing.T) {
	r := newTestReceipts(t)
	seen := map[string]bool{}
	for n := int64(1); n < 20; n++ {
		for s := int64(1); s < 20; s++ {
			receipt := r.Make(n, s)
			if len(receipt) != ReceiptLen {
				t.Fatalf("a receipt has %d characters, not %d", len(receipt), ReceiptLen)
			}
			if seen[receipt] {
				t.Fatal("two deliveries share a receipt")
			}
			seen[receipt] = true
			gotN, gotS, ok := r.Read(receipt)
			if !ok || gotN != n || gotS != s {
				t.Fatalf("Read(Make(%d, %d)) = %d, %d, %v", n, s, gotN, gotS, ok)
			}
		}
	}
}

func TestReceiptsRefuseWhatTheyDidNotMake(t *testing.T) {
	r := newTestReceipts(t)
	other, err := NewReceipts(bytes.Repeat([]byte{8}, ReceiptSecretSize))
	if err != nil {
		t.Fatal(err)
	}
	good := r.Make(1, 2)
	flipped := []byte(good)
	for i := range flipped {
		copy(flipped, good)
		if flipped[i] == 'A' {
			flipped[i] = 'B'
		} else {
			flipped[i] = 'A'
		}
		if _, _, ok := r.Read(string(flipped)); ok {
			t.Fatalf("a receipt with character %d changed is taken", i)
		}
	}
	for _, bad := range []string{"", "x", good[1:], good + "A", other.Make(1, 2), good[:ReceiptLen-1] + "=", good[:ReceiptLen-1] + "é"} {
		if _, _, ok := r.Read(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := NewReceipts([]byte("short")); err == nil {
		t.Error("a short secret is taken")
	}
}

func FuzzReceiptsRead(f *testing.F) {
	r := newTestReceipts(f)
	f.Add(r.Make(1, 1))
	f.Add("")
	f.Fuzz(func(t *testing.T, receipt string) {
		if n, s, ok := r.Read(receipt); ok && r.Make(n, s) != receipt {
			t.Errorf("%q is taken, but is not what was made", receipt)
		}
	})
}
