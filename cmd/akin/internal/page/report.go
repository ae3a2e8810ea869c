package page

import "io"

// ReportData is a page of tables with pictures in them.
type ReportData struct {
	Title    string
	Lead     string
	Sections []ReportSection
	Footer   string
}

// ReportSection is a part of a report: a table, words, or both.
type ReportSection struct {
	Title   string
	Lead    string
	Columns []string
	Rows    [][]ReportCell // the first cell of a row is its head
	Note    string         // under the table
}

// ReportCell is a text, pictures, or both.
type ReportCell struct {
	Text     string
	Pictures []Picture
	Tone     int  // 1 (weak) to 5 (strong) colours the cell; 0 does not
	Best     bool // stands out in its row
}

// Report writes a page of tables.
func Report(w io.Writer, d ReportData) error {
	return write(w, "report", struct {
		head
		ReportData
		Title string
	}{newHead(d.Title, ""), d, d.Title})
}

// RankTone returns the tone of a pair's two ranks: strongest where each is the other's nearest.
func RankTone(ranks [2]int) int { return tone(ranks) }

// ShareTone returns the tone of a fraction from 0 to 1.
func ShareTone(share float64) int { return max(0, min(5, int(5*share+0.5))) }
