package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/source"
)

// countTime is how long the pictures below a folder are counted.
const countTime = 3 * time.Second

// FolderPath is the folder of an operation.
type FolderPath struct {
	Path string `query:"path" maxLength:"4096" doc:"A folder on the server's machine, by its absolute path" example:"/home/me/Pictures"`
}

// folderRoutes list folders to those who may index them. They tell names of folders and numbers of files, never what is
// in a file.
func (s *Server) folderRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "list-folders", Method: http.MethodGet, Path: "/folders", Tags: []string{"Folders"},
		Summary: "List the folders in a folder that may be indexed",
		Description: "Without `path`, the places to begin: the folders that clients may index, or the user's own and the file system's. " +
			"Hidden folders are left out, as they are when their folder is indexed. 403 for a folder that clients may not index.",
	}, func(ctx context.Context, in *FolderPath) (*struct{ Body api.FolderList }, error) {
		if in.Path == "" {
			return &struct{ Body api.FolderList }{s.places()}, nil
		}
		if err := s.mayList(in.Path); err != nil {
			return nil, err
		}
		leave, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		list, err := source.Browse(ctx, filepath.Clean(in.Path), s.options.IndexUnder)
		list.Adds = s.mayAdd() == nil
		return &struct{ Body api.FolderList }{list}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "count-pictures", Method: http.MethodGet, Path: "/folders/count", Tags: []string{"Folders"},
		Summary: "Count the pictures below a folder that may be indexed", Description: "By the names of files, for some seconds at most.",
	}, func(ctx context.Context, in *struct {
		Path string `query:"path" required:"true" minLength:"1" maxLength:"4096" doc:"A folder on the server's machine" example:"/home/me/Pictures"`
	}) (*struct{ Body api.FolderCount }, error) {
		if err := s.mayList(in.Path); err != nil {
			return nil, err
		}
		leave, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		counting, cancel := context.WithTimeout(ctx, countTime)
		defer cancel()
		count, err := source.Count(counting, in.Path, s.options.IndexUnder)
		return &struct{ Body api.FolderCount }{count}, errors.Join(err, ctx.Err())
	})
}

// mayList reports as an error that clients may not list a folder: those that they may not index.
func (s *Server) mayList(path string) error {
	if source.IsAddress(path) {
		return invalid{errors.New("an address is no folder")}
	}
	return s.mayIndex(path)
}

// places are where clients begin to look for folders.
func (s *Server) places() api.FolderList {
	out := api.FolderList{Folders: []api.Subfolder{}, Adds: s.mayAdd() == nil}
	note := func(name, path string) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			out.Folders = append(out.Folders, api.Subfolder{Name: name, Path: path})
		}
	}
	for _, root := range s.options.IndexUnder {
		note(filepath.Base(root), root)
	}
	if s.options.IndexUnder != nil {
		return out
	}
	if own, err := os.UserHomeDir(); err == nil {
		note(filepath.Base(own), own)
		for _, name := range []string{"Pictures", "Desktop", "Downloads"} {
			note(name, filepath.Join(own, name))
		}
	}
	if runtime.GOOS != "windows" {
		note("/", "/")
		return out
	}
	for drive := 'A'; drive <= 'Z'; drive++ {
		note(string(drive)+":", string(drive)+`:\`)
	}
	return out
}

// mayAdd reports as an error that clients may not add pictures of their own: these lie in the data folder, which the
// server must be allowed to index.
func (s *Server) mayAdd() error {
	if s.options.IndexUnder == nil {
		return nil
	}
	folder, err := s.options.Open.Home.AddedFolder("")
	if _, missing := os.Stat(folder); err == nil && missing != nil {
		folder = filepath.Dir(folder) // that it will be made in
	}
	if err == nil {
		err = s.mayIndex(folder)
	}
	if err != nil {
		return huma.Error403Forbidden("clients may not add pictures to this server: the folder pictures of its data folder is in none that it may index")
	}
	return nil
}

func (s *Server) addRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "add-picture", Method: http.MethodPost, Path: "/collections/{collection}/files", Tags: []string{"Folders"}, DefaultStatus: http.StatusCreated,
		Summary: "Send a picture's file, to be indexed",
		Description: "Stores the body, a picture's file, in the data folder. An index job of the answer's `folder` then adds it to the collection. " +
			"What is stored is never replaced: the same bytes are not stored again, others get a name with a number. " +
			"403 where clients may not index the data folder.",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		UploadBody
		Path string `query:"path" required:"true" minLength:"1" maxLength:"4096" doc:"What it is called, with the folders that it lies in" example:"Holidays/beach.jpg"`
	}) (*struct{ Body api.AddedFile }, error) {
		if err := s.mayAdd(); err != nil {
			return nil, err
		}
		if _, err := s.collections.get(ctx, in.Collection); err != nil {
			return nil, err
		}
		pieces, err := readPieces(in.body, s.options.Limits.UploadBytes)
		if err != nil {
			return nil, err
		}
		leave, err := s.running.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		_, data, err := picturePart(in.kind, bytes.Join(pieces, nil))
		if err != nil {
			return nil, err
		}
		added, err := akin.AddFile(ctx, in.Collection, in.Path, data, s.options.Open)
		return &struct{ Body api.AddedFile }{added}, err
	})
	takesPicture(routes, "/collections/{collection}/files")
}
