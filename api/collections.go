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
