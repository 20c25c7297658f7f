// SPDX-License-Identifier: MIT

package evidence

import (
	"strconv"
	"strings"
	"time"
)

// A Date is what a Date field says.
type Date struct {
	Time         time.Time
	WrongWeekday bool // the named day of the week is another one
	OddZone      bool // an offset that no place on earth has
	Obsolete     bool // two-digit year or a named zone (RFC 5322 §4.3)
}

// maxDate is the longest value that is looked at; a date with a comment has fifty.
const maxDate = 1000

// zones are the named zones of RFC 5322 §4.3, in hours. Other names mean
// -0000, a time in UTC of unknown place.
var zones = map[string]int{
	"UT": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
	"MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// ParseDate reads a date and time (RFC 5322 §3.3), comments and the obsolete
// forms included. The error is a *SyntaxError.
func ParseDate(value string) (Date, error) {
	malformed := &SyntaxError{Code: ErrMalformed}
	if len(value) > maxDate {
		return Date{}, malformed
	}
	plain, bad := splitParams(value) // takes the comments out
	if bad || len(plain) != 1 {
		return Date{}, malformed
	}
	weekday, rest, ok := strings.Cut(plain[0], ",")
	if !ok {
		weekday, rest = "", plain[0]
	}
	f := strings.Fields(strings.ReplaceAll(rest, ":", " : "))
	var clock []string
	if i := indexOf(f, ":"); i > 0 {
		clock = f[i-1:]
		f = f[:i-1]
	}
	if len(f) != 3 || len(clock) < 4 {
		return Date{}, malformed
	}
	return makeDate(strings.TrimSpace(weekday), f, clock)
}

func indexOf(f []string, s string) int {
	for i := range f {
		if f[i] == s {
			return i
		}
	}
	return -1
}

// makeDate puts day, month, year and hour : minute [: second] zone together.
func makeDate(weekday string, ymd, clock []string) (Date, error) {
	var d Date
	day, ok1 := digits(ymd[0], 1, 2)
	month := monthOf(ymd[1])
	year, ok2 := digits(ymd[2], 2, 9)
	hour, ok3 := digits(clock[0], 1, 2)
	minute, ok4 := digits(clock[2], 1, 2)
	second, zone, ok5 := 0, clock[3:], true
	if clock[3] == ":" && len(clock) > 4 {
		second, ok5 = digits(clock[4], 1, 2)
		zone = clock[5:]
	}
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || month == 0 || len(zone) != 1 {
		return d, &SyntaxError{Code: ErrMalformed}
	}
	switch { // RFC 5322 §4.3
	case len(ymd[2]) == 2 && year < 50:
		year, d.Obsolete = year+2000, true
	case len(ymd[2]) <= 3:
		year, d.Obsolete = year+1900, true
	}
	offset, ok := d.zone(zone[0])
	if !ok {
		return d, &SyntaxError{Code: ErrMalformed}
	}
	d.Time = time.Date(year, month, day, hour, minute, second, 0, time.FixedZone("", offset))
	if d.Time.Day() != day && second < 60 || day == 0 || hour > 23 || minute > 59 || second > 60 || year < 1900 || year > 9999 {
		return d, &SyntaxError{Code: ErrRange}
	}
	if weekday != "" {
		name := d.Time.Weekday().String()[:3]
		d.WrongWeekday = !strings.EqualFold(name, weekday)
		if !strings.Contains("SunMonTueWedThuFriSat", weekday) || len(weekday) != 3 {
			return d, &SyntaxError{Code: ErrMalformed}
		}
	}
	return d, nil
}

// zone is the offset in seconds.
func (d *Date) zone(s string) (int, bool) {
	if len(s) == 5 && (s[0] == '+' || s[0] == '-') {
		n, ok := digits(s[1:], 4, 4)
		h, m := n/100, n%100
		d.OddZone = h > 14 || m > 59
		seconds := h*3600 + m*60
		if s[0] == '-' {
			seconds = -seconds
		}
		return seconds, ok
	}
	d.Obsolete = true
	if h, ok := zones[strings.ToUpper(s)]; ok {
		return h * 3600, true
	}
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return 0, false
		}
	}
	return 0, len(s) <= 5
}

func monthOf(s string) time.Month {
	if len(s) != 3 {
		return 0
	}
	i := strings.Index(strings.ToLower(months), strings.ToLower(s))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return time.Month(i/3 + 1)
}

// digits reads a number of least to most digits.
func digits(s string, least, most int) (int, bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
