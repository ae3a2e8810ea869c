package api

// CollectionName is the name that a collection is to have.
type CollectionName struct {
	Name string `json:"name" pattern:"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$" example:"shop"`
}

// RemovedCollection is where a removed collection lies.
type RemovedCollection struct {
	Removed string `json:"removed" doc:"What it is called among the removed collections"`
	Folder  string `json:"folder" doc:"Its folder on the server's machine; deleting it frees the disk"`
}

// AddedFile is a picture's file that was stored in the data folder.
type AddedFile struct {
	Path   string `json:"path" doc:"The file, on the server's machine"`
	Folder string `json:"folder" doc:"The folder to index for it: the first of the path that was asked for, or that of the collection"`
	Known  bool   `json:"known" doc:"It was there already"`
}

// FolderList is what a folder holds that can be indexed, or where to begin.
type FolderList struct {
	Path     string      `json:"path" doc:"The folder; empty where these are places to begin"`
	Parent   string      `json:"parent,omitempty" doc:"The folder that it lies in, if that may be listed too"`
	Folders  []Subfolder `json:"folders"`
	Pictures int         `json:"pictures" doc:"Files directly in it that end as those of pictures do"`
	More     bool        `json:"more,omitempty" doc:"It holds more than is listed"`
	// Adds reports whether pictures may be sent, which then lie in the data folder.
	Adds bool `json:"adds" doc:"Whether clients may add pictures of their own"`
}

// Subfolder is a folder in another one.
type Subfolder struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Linked bool   `json:"linked,omitempty" doc:"It is a link: indexed only if it is named itself"`
}

// FolderCount is how many pictures a folder may hold, in all folders below it.
type FolderCount struct {
	Pictures int   `json:"pictures" doc:"Files that end as those of pictures do"`
	Bytes    int64 `json:"bytes" doc:"Of those files"`
	More     bool  `json:"more,omitempty" doc:"Counting took too long: there are more"`
}
