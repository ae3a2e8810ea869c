package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/indexer"
	"github.com/akin-search/akin/internal/labelled"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/transfer"
)

func TestErrorsComeWithARemedy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{&portError{Address: "127.0.0.1:7777"}, "--listen 127.0.0.1:7778"},
		{&portError{Address: "[::1]:65535"}, "--listen [::1]:0"},
		{akin.ErrNoCollection, "`akin index PATH`"},
		{akin.ErrDamaged, "`akin verify --repair`"},
		{akin.ErrNoFile, "--prune"},
		{&record.APIKeyError{Engine: "weaviate"}, "$AKIN_WEAVIATE_API_KEY"},
		{&space.NoSpaceError{}, "`akin import`"},
		{&space.NoSpaceError{Model: "vgg16", Have: []string{"vit"}}, "--model vgg16"},
		{&space.NoSpaceError{Model: "clip", Have: []string{"vit"}}, "choose another --model"},
		{&space.AmbiguousSpaceError{Model: "vit", Fingerprints: []string{strings.Repeat("3f", 32), strings.Repeat("ab", 32)}}, "vit@3f3f3f3f3f3f"},
		{&space.ImportedSpaceError{Model: "mine"}, "--model"},
		{&model.NoTextError{Model: "vit", Others: []string{"clip"}}, "--model clip"},
		{&model.NoTextError{Model: "vit"}, "clip-vit-base-patch32"},
		{&api.NeedsTwoModelsError{Doing: "disagree", Model: "vit"}, "--model"},
		{&api.NeedsBothKindsError{Models: []string{"vit"}}, "--language"},
		{&labelled.NotFetchedError{Set: akin.LabelledSet{Name: "logos"}}, "`akin fetch logos`"},
		{fmt.Errorf("fetch: %w", &labelled.NoClientError{Package: "x"}), "Node.js"},
		{&labelled.ClientError{Package: "x", Detail: "E404"}, "npm's registry"},
		{&labelled.ClientError{Package: "x", Detail: "ENOSPC no space left"}, "make room"},
		{&labelled.IntegrityError{Package: "x"}, "do not use it"},
		{&model.UnknownError{Model: "x"}, "`akin models`"},
		{&model.BrokenLinkError{Model: "mine"}, "`akin models remove mine`"},
		{&models.NameTakenError{Model: "mine", Path: "/models/mine"}, "`akin models remove mine`"},
		{&models.ONNXFileError{Path: "net.onnx"}, "`akin models add NAME net.onnx`"},
		{&models.NoCheckpointError{Repository: "org/net", Forms: []string{"ONNX"}, ONNX: []string{"onnx/model.onnx"}}, "onnx/model.onnx, and use `akin models add"},
		{&models.UnbuildableError{Repository: "org/net", ONNX: []string{"onnx/model.onnx"}, Err: &model.UnknownArchitectureError{File: "config.json", Architecture: "mamba"}}, "download its onnx/model.onnx, and use `akin models add"},
		{&models.UnbuildableError{Repository: "org/net", Err: &model.UnknownArchitectureError{}}, "export it to ONNX"},
		{&model.NoWeightsError{Spec: model.Spec{Name: "net", Repository: "org/net"}}, "`akin pull net`"},
		{&model.NoWeightsError{Spec: model.Spec{Name: "net"}}, "a folder net in a folder of $AKIN_MODELS"},
		{&models.BundledError{Model: "net"}, installed().restore},
		{&checkpoint.NoBaseError{Dir: "flowers_lora", Base: "org/net"}, "config.json and preprocessor_config.json, into flowers_lora"},
		{&model.SeveralFamiliesError{Families: []string{"siglip", "siglip2"}}, "config.json"},
		{&models.NoReferenceError{Model: "vit"}, "--reference"},
		{hub.ErrOffline, "$HF_HUB_OFFLINE"},
		{&hub.AccessError{Status: "401 Unauthorized"}, "$HF_TOKEN"},
		{&hub.UnreachableError{Err: errors.New("no route")}, "$HF_ENDPOINT"},
		{&runtime.NotFoundError{}, "set $AKIN_ONNXRUNTIME to the library"},
		{&runtime.LibraryError{Path: "x.so", Named: true, Err: errors.New("too short")}, "set $AKIN_ONNXRUNTIME to the library, or unset it"},
		{&runtime.LibraryError{Path: "x.so", Err: errors.New("too short")}, installed().restore},
		{&runtime.DeviceError{Device: "cuda:0", Err: errors.New("no driver")}, "ONNX Runtime for CUDA"},
		{&runtime.DeviceError{Device: "coreml", Err: errors.New("another system")}, "--device cpu"},
		{&picture.NoDecoderError{Format: "HEIC", Library: "libheif", Err: errors.New("absent")}, "`akin doctor`"},
		{&picture.LibraryError{Library: "libjxl", Err: errors.New("absent")}, "install"},
		{&source.ColumnError{Reason: "two columns", Column: "photo"}, "--column path=photo"},
		{&transfer.NoRowNamesError{File: "v.npy"}, "--names FILE"},
		{&transfer.FormatError{File: "v.lance", Format: "Lance"}, ".npy"},
		{&transfer.NameColumnError{File: "v.csv"}, "--column name=COLUMN"},
		{&source.WatchError{Err: errors.New("network share")}, "--poll"},
		{&source.UnsampledError{Kind: "film", Members: "frames"}, "--frames 20"},
		{&indexer.EmptiedFolderError{Folder: "p", Pictures: 3}, "--prune-empty"},
	} {
		got := withRemedy(fmt.Errorf("search: %w", c.err))
		if !strings.HasPrefix(got, "search: "+c.err.Error()+"; ") || !strings.Contains(got, c.want) {
			t.Errorf("%T: %q, want %q in it", c.err, got, c.want)
		}
	}
	if got := withRemedy(errors.New("disk full")); got != "disk full" {
		t.Errorf("%q", got)
	}
}

// Every command and flag that a remedy names exists.
func TestRemediesNameWhatExists(t *testing.T) {
	root := testRoot(t)
	source := readSource(t, "remedy.go")
	for _, m := range regexp.MustCompile("`akin ([a-z]+)").FindAllStringSubmatch(source, -1) {
		if cmd, _, err := root.Find([]string{m[1]}); err != nil || cmd == root {
			t.Errorf("a remedy names the command %q", m[1])
		}
	}
	flags := reference(root)
	for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(source, -1) {
		if !strings.Contains(flags, flag) {
			t.Errorf("a remedy names the flag %s", flag)
		}
	}
}
