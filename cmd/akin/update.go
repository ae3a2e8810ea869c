package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/semver"
)

// latestAddress is the file that names the newest release. A release puts it beside its packages.
const latestAddress = "https://github.com/akin-search/akin/releases/latest/download/latest.json"

// An answer of a release's server is a line; more is not read.
const latestLimitBytes = 64 << 10

// latest is what a release says of itself.
type latest struct {
	Version string `json:"version"`
	Date    string `json:"date,omitempty"`
	Page    string `json:"page,omitempty"` // what is new
}

// update is what `akin update` knows.
type update struct {
	Current   string   `json:"current"`
	Installed string   `json:"installed_from"`
	How       string   `json:"how_to_update"`
	Asked     string   `json:"asked,omitempty"` // the address
	Sent      []string `json:"sent,omitempty"`  // all lines of the request
	Latest    *latest  `json:"latest,omitempty"`
	Newer     bool     `json:"newer"`
}

func (a *app) updateCommand() *cobra.Command {
	var check bool
	var from string
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Show how to update akin, and check for a newer release",
		Long: `Shows how this akin was installed, and so how to update it; it changes nothing itself.
With --check it asks for the newest release, and prints the whole request, which contains
neither your version nor anything about you. akin never checks on its own.`,
		Example: `  akin update
  akin update --check
  akin update --check --from https://mirror.example/akin/latest.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("from") && !check {
				return usagef("--from is where --check asks")
			}
			return a.update(cmd.Context(), check, from)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "ask which release is the newest")
	cmd.Flags().StringVar(&from, "from", a.env.updates, "ask `ADDRESS` (default: $AKIN_UPDATES, else akin's releases)")
	cmd.Flags().Lookup("from").DefValue = ""
	return cmd
}

func (a *app) update(ctx context.Context, check bool, from string) error {
	how := installed()
	u := update{Current: version().Version, Installed: how.from, How: how.upgrade}
	if check {
		u.Asked = cmp.Or(from, latestAddress)
		var err error
		if u.Sent, u.Latest, err = newest(ctx, u.Asked); err != nil {
			return fmt.Errorf("ask %s for the newest akin: %w", u.Asked, err)
		}
		u.Newer = semver.Compare(u.Latest.Version, u.Current) > 0
	}
	return a.Result(u, func() error { return a.lines(u.lines()) })
}

// lines are what is said to a person.
func (u update) lines() []string {
	if u.Latest == nil {
		return []string{
			fmt.Sprintf("akin %s, installed from %s", u.Current, u.Installed),
			"To update: " + u.How + ".",
			"To ask whether there is a newer one: `akin update --check`.",
		}
	}
	lines := []string{"Asked " + u.Asked + ". Sent:"}
	for _, line := range u.Sent {
		lines = append(lines, "    "+line)
	}
	if !u.Newer {
		return append(lines, fmt.Sprintf("akin %s is the newest.", u.Current))
	}
	lines = append(lines, fmt.Sprintf("akin %s is newer than %s.", u.Latest.Version, u.Current))
	if u.Latest.Page != "" {
		lines = append(lines, "What is new: "+u.Latest.Page)
	}
	return append(lines, "To update: "+u.How+".")
}

// newest asks for the newest release, and returns the lines of the request besides.
func newest(ctx context.Context, address string) (sent []string, _ *latest, _ error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return nil, nil, errors.New("not an address that starts with https:// or http://")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("User-Agent", "akin") // Go's own would tell its version
	dump, err := httputil.DumpRequestOut(request, false)
	if err != nil {
		return nil, nil, err
	}
	sent = strings.Split(strings.TrimSpace(strings.ReplaceAll(string(dump), "\r\n", "\n")), "\n")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the caller names the address
		}
		return nil, nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, nil, errors.New(answer.Status)
	}
	var l latest
	if err := json.NewDecoder(io.LimitReader(answer.Body, latestLimitBytes)).Decode(&l); err != nil {
		return nil, nil, fmt.Errorf("its answer is not a release's latest.json: %w", err)
	}
	if !semver.IsValid(l.Version) {
		return nil, nil, fmt.Errorf("its answer has no version, but %.40q", l.Version)
	}
	return sent, &l, nil
}
