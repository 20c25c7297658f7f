// SPDX-License-Identifier: MIT

package main

import "mailproof/webui"

// counters is what /metrics shows of the service.
func (svc *service) counters() []webui.Counter {
	s := svc.smtp.Stats()
	return []webui.Counter{
		{Name: "mailproof_smtp_sessions", Help: "SMTP sessions open now.", Gauge: true, Value: float64(s.Sessions)},
		{Name: "mailproof_messages_total", Help: "Messages that got their 250.", Value: float64(s.Delivered)},
		{Name: "mailproof_attempts_failed_total", Help: "Sessions that named an address and delivered nothing.", Value: float64(s.Failed)},
		{Name: "mailproof_smtp_turned_away_total", Help: "Connections refused by a limit.", Value: float64(s.TurnedAway)},
		{Name: "mailproof_analysis_crashes_total", Help: "Checks that crashed.", Value: float64(svc.crashes.Load())},
		{Name: "mailproof_dkim_differences_total", Help: "DKIM verdicts on which the second opinion differs.", Value: float64(svc.differences.Load())},
	}
}
