package weaviate

import (
	"strings"

	"github.com/akin-search/akin/internal/store"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
)

// A condition of a search, as the protocol has it; nil is none.
type where = *pb.Filters

func on(property string, op pb.Filters_Operator) where {
	return &pb.Filters{Operator: op, Target: &pb.FilterTarget{Target: &pb.FilterTarget_Property{Property: property}}}
}

func equals(property, value string) where {
	w := on(property, pb.Filters_OPERATOR_EQUAL)
	w.TestValue = &pb.Filters_ValueText{ValueText: value}
	return w
}

func is(property string, value bool) where {
	w := on(property, pb.Filters_OPERATOR_EQUAL)
	w.TestValue = &pb.Filters_ValueBoolean{ValueBoolean: value}
	return w
}

// like has * for any letters and ? for one.
func like(property, pattern string) where {
	w := on(property, pb.Filters_OPERATOR_LIKE)
	w.TestValue = &pb.Filters_ValueText{ValueText: pattern}
	return w
}

func oneOf(property string, values []string) where {
	w := on(property, pb.Filters_OPERATOR_CONTAINS_ANY)
	w.TestValue = &pb.Filters_ValueTextArray{ValueTextArray: &pb.TextArray{Values: values}}
	return w
}

func noneOf(property string, values []string) where {
	w := on(property, pb.Filters_OPERATOR_CONTAINS_NONE)
	w.TestValue = &pb.Filters_ValueTextArray{ValueTextArray: &pb.TextArray{Values: values}}
	return w
}

func compare(property string, op pb.Filters_Operator, value int64) where {
	w := on(property, op)
	w.TestValue = &pb.Filters_ValueInt{ValueInt: value}
	return w
}

func join(op pb.Filters_Operator, parts []where) where {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != nil {
			kept = append(kept, p)
		}
	}
	switch len(kept) {
	case 0:
		return nil
	case 1:
		return kept[0]
	}
	return &pb.Filters{Operator: op, Filters: kept}
}

func all(parts ...where) where { return join(pb.Filters_OPERATOR_AND, parts) }

func either(parts ...where) where { return join(pb.Filters_OPERATOR_OR, parts) }

func filterWhere(f store.Filter) where {
	var parts []where
	if f.Under != "" {
		dir := strings.TrimRight(f.Under, "/\\")
		parts = append(parts, either(equals("source", dir), equals("folders", dir+"/"), equals("folders", dir+"\\")))
	}
	for _, globs := range f.Names {
		var any []where
		for _, g := range globs {
			if strings.Trim(g.Pattern, "*") == "" {
				any = nil // everything
				break
			}
			any = append(any, like(g.Property, g.Pattern))
		}
		parts = append(parts, either(any...))
	}
	for _, t := range f.Tags {
		parts = append(parts, equals("keys", t))
	}
	if len(f.NotTags) > 0 {
		parts = append(parts, noneOf("keys", f.NotTags))
	}
	for _, s := range f.Spans {
		property, op := "clock", pb.Filters_OPERATOR_GREATER_THAN_EQUAL
		if s.Instant {
			property = "instant"
		}
		if s.Before {
			op = pb.Filters_OPERATOR_LESS_THAN
		}
		parts = append(parts, compare(property, op, s.Seconds))
	}
	switch {
	case f.Only == nil:
	case len(f.Only) == 0:
		parts = append(parts, equals("number", "none")) // the server refuses a list of nothing
	default:
		parts = append(parts, oneOf("number", decimals(f.Only)))
	}
	return all(parts...)
}
