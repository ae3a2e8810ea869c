package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/akin-search/akin/internal/record"
)

// setting is what a person may set once, in the config file. A flag goes before the environment, and that before the file.
type setting struct {
	name     string // in the file; of one with a flag, the flag's
	flag     bool
	variable string // of the environment, or ""
	initial  string // the value where nothing sets it
	about    string
}

// settings are all of them, in the order in which they are listed.
var settings = []setting{
	{"collection", true, "AKIN_COLLECTION", "default", "the collection"},
	{"model", true, "", "the collection's", "the model, or several"},
	{"device", true, "", "auto", "where models run"},
	{"precision", true, "AKIN_PRECISION", "auto", "the number format that models compute in"},
	{"background", true, "", "as indexed, else drop", "behind transparent pictures"},
	{"colour", true, "", "as indexed, else keep", "what models are shown of colours"},
	{"decode", true, "", "as indexed, else exact", "the size at which pictures are decoded"},
	{"threads", true, "", "all cores", "cores to use"},
	{"max-pixels", true, "", "178956970", "the largest picture to decode"},
	{"listen", true, "", "127.0.0.1:7777", "where akin serve and akin open listen"},
	{"models", false, "AKIN_MODELS", "", "more folders of models"},
	{"onnxruntime", false, "AKIN_ONNXRUNTIME", "found", "the ONNX Runtime library"},
	{"openvino", false, "AKIN_OPENVINO", "found", "OpenVINO's library"},
	{"pager", false, "AKIN_PAGER", "$PAGER, else less", "the program that shows answers longer than the screen; cat for none"},
	{"cluster-cache", false, "AKIN_CLUSTER_CACHE", "16", "largest local copy of a cluster's collection, in GB"},
}

// configPath is the config file: config.toml in $AKIN_HOME, else in akin's folder of the user's configuration.
func (a *app) configPath() (string, error) {
	if a.env.home != "" {
		return filepath.Join(string(a.env.home), "config.toml"), nil
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "akin", "config.toml"), err
}

// readConfig reads the config file as texts, by setting; without a file there are none.
func (a *app) readConfig() (map[string]string, error) {
	path, err := a.configPath()
	if err != nil {
		return nil, nil // a user without a home has no file
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, usagef("%s, line %d: %s", path, at.Position.Line, at.Message)
		}
		return nil, usagef("%s: %w", path, err)
	}
	out := map[string]string{}
	for name, value := range file {
		if _, err := findSetting(name); err != nil {
			return nil, usagef("%s: %w", path, err)
		}
		switch v := value.(type) {
		case string:
			out[name] = v
		case int64, float64, bool:
			out[name] = fmt.Sprint(v)
		case []any:
			var all []string
			for _, x := range v {
				s, ok := x.(string)
				if !ok {
					return nil, usagef("%s: %s is a list of texts", path, name)
				}
				all = append(all, s)
			}
			separator := ","
			if name == "models" {
				separator = string(os.PathListSeparator)
			}
			out[name] = strings.Join(all, separator)
		default:
			return nil, usagef("%s: %s is a text, a number or a list of texts", path, name)
		}
	}
	return out, nil
}

func findSetting(name string) (setting, error) {
	var names []string
	for _, s := range settings {
		if s.name == name {
			return s, nil
		}
		names = append(names, s.name)
	}
	err := fmt.Errorf("unknown setting %q", name)
	if near := record.Closest(name, slices.Values(names)); len(near) > 0 {
		return setting{}, fmt.Errorf("%w; did you mean %s?", err, near[0])
	}
	return setting{}, fmt.Errorf("%w; `akin config` lists them", err)
}

// configure sets what the config file sets, and neither a flag nor the environment.
func (a *app) configure(flags *pflag.FlagSet) error {
	file, err := a.readConfig()
	if err != nil {
		return err
	}
	for name, value := range file {
		s, _ := findSetting(name) // readConfig has looked for it
		if s.variable != "" && os.Getenv(s.variable) != "" {
			continue
		}
		if s.flag {
			if f := flags.Lookup(name); f != nil && !f.Changed {
				if name == "collection" {
					a.env.collection = value
				}
				if err := f.Value.Set(value); err != nil {
					if plain := a.checkSetting(s, value); plain != nil { // without the words of Go's parsers
						err = plain
					}
					return usagef("setting %s: %w (`akin config unset %[1]s` removes it)", name, err)
				}
			}
			continue
		}
		switch name {
		case "models":
			a.env.modelDirs = filepath.SplitList(value)
		case "onnxruntime":
			a.env.library = value
		case "openvino":
			a.env.openVINO = value
		case "pager":
			if _, isSet := os.LookupEnv(s.variable); !isSet { // where it is empty, it says that there is none
				a.env.pager = value
			}
		case "cluster-cache":
			a.env.clusterCache, a.env.problem = clusterCache(value)
		}
	}
	return nil
}

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the settings, and where each comes from",
		Long: `Lists the settings, their values, and what sets each: a flag, the environment, the config
file, or nothing (default). The first of these that is set applies. The file is
config.toml in your folder for configuration, or in $AKIN_HOME; "akin config set" writes
it.`,
		Example: `  akin config
  akin config set model clip-vit-base-patch32
  akin config set collection photos
  akin config unset model`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listConfig(cmd.Flags()) },
	}
	cmd.AddCommand(&cobra.Command{
		Use: "set SETTING VALUE", Short: "Set a setting in the config file", Example: "  akin config set precision fp32",
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return a.setConfig(args[0], &args[1]) },
	}, &cobra.Command{
		Use: "unset SETTING", Short: "Remove a setting from the config file", Example: "  akin config unset precision",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.setConfig(args[0], nil) },
	})
	return cmd
}

// listConfig lists the settings with their sources.
func (a *app) listConfig(flags *pflag.FlagSet) error {
	path, err := a.configPath()
	if err != nil {
		return err
	}
	file, err := a.readConfig()
	if err != nil {
		return err
	}
	type line struct {
		Setting string `json:"setting"`
		Value   string `json:"value"`
		Source  string `json:"source"` // flag, environment, file or default
		From    string `json:"from,omitempty"`
	}
	lines := []line{}
	for _, s := range settings {
		l := line{s.name, s.initial, "default", ""}
		if v, ok := file[s.name]; ok {
			l.Value, l.Source, l.From = v, "file", path
		}
		if v := os.Getenv(cmp.Or(s.variable, "=")); v != "" {
			l.Value, l.Source, l.From = v, "environment", "$"+s.variable
		}
		if f := flags.Lookup(s.name); s.flag && f != nil && f.Changed {
			l.Value, l.Source, l.From = strings.Trim(f.Value.String(), "[]"), "flag", "--"+s.name
		}
		lines = append(lines, l)
	}
	return a.Result(map[string]any{"file": path, "settings": lines}, func() error {
		t := term.Table{Columns: []term.Column{{Header: "setting", Whole: true}, {Header: "value"}, {Header: "source", Whole: true}, {Header: "about", Wrap: true}}}
		for i, l := range lines {
			source := l.Source
			if l.Source != "default" && l.Source != "file" {
				source = l.From
			}
			t.Add(l.Setting, l.Value, source, settings[i].about)
		}
		if err := t.Write(a.Screen); err != nil {
			return err
		}
		return a.lines([]string{"", "The file is " + path + "."})
	})
}

// setConfig writes a setting to the config file, or removes it. Comments in the file stay.
func (a *app) setConfig(name string, value *string) error {
	s, err := findSetting(name)
	if err != nil {
		return usageError{err}
	}
	path, err := a.configPath()
	if err != nil {
		return err
	}
	if value != nil {
		if err := a.checkSetting(s, *value); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read settings: %w", err)
	}
	text, had := withoutSetting(string(data), name)
	if value != nil {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		text += fmt.Sprintf("%s = %s\n", name, tomlText(*value))
	} else if !had {
		return usagef("%s is not in %s", name, path)
	}
	if !changesOnly(string(data), text, name, value) {
		return usagef("%s has lists over several lines, or tables, which this command does not change: change %s there", path, name)
	}
	if err := writePrivate(path, []byte(text)); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	a.Notef("wrote %s", path)
	return a.Result(map[string]string{"file": path}, func() error { return nil })
}

// checkSetting refuses a value that no command would take.
func (a *app) checkSetting(s setting, value string) error {
	if s.name == "cluster-cache" {
		_, err := clusterCache(value)
		return err
	}
	if !s.flag || s.name == "listen" {
		return nil
	}
	probe := newApp(a.in, a.Data, a.Errors)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	probe.flags(flags)
	if err := flags.Set(s.name, value); err != nil {
		if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			err = wrongValue(e)
		}
		return usageError{err}
	}
	return probe.check()
}

// withoutSetting removes a setting's line from a file that setConfig or a person wrote.
func withoutSetting(text, name string) (left string, had bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if key, _, ok := strings.Cut(line, "="); ok && strings.Trim(strings.TrimSpace(key), `"'`) == name {
			had = true
			continue
		}
		b.WriteString(line)
	}
	return b.String(), had
}

// changesOnly reports whether a setting, and nothing else, differs between two texts. It does wherever the first one is wrong
// itself: then its lines are all that is known.
func changesOnly(before, after, name string, value *string) bool {
	was, is := map[string]any{}, map[string]any{}
	if toml.Unmarshal([]byte(before), &was) != nil {
		return true
	}
	if toml.Unmarshal([]byte(after), &is) != nil {
		return false
	}
	delete(was, name)
	if value != nil {
		if is[name] != *value {
			return false
		}
		delete(is, name)
	}
	return reflect.DeepEqual(was, is)
}

// tomlText returns a text as TOML has it.
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
