package weaviatetest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Key is the API key of a cluster that has one.
const Key = "a key for tests"

// Cluster is some nodes.
type Cluster struct {
	server string
	dir    string
	key    bool
	nodes  []*Node
}

// Node is a process of the server.
type Node struct {
	cluster                         *Cluster
	name                            string
	rest, grpc, gossip, data        int
	raft, raftRPC, metrics, profile int
	cmd                             *exec.Cmd
	ended                           chan struct{}
}

// Server is the path of the server's binary, or skips the test.
func Server(t testing.TB) string {
	t.Helper()
	path := os.Getenv("AKIN_WEAVIATE")
	if path == "" {
		t.Skip("a test of real Weaviate nodes: `make test-cluster` builds them and runs it")
	}
	return path
}

// Start starts n nodes and waits until they are one cluster. They end with the test.
func Start(t testing.TB, n int, key bool) *Cluster {
	t.Helper()
	c := &Cluster{server: Server(t), dir: t.TempDir(), key: key}
	for i := range n {
		// A node's data port follows its gossip port, and its RPC port its Raft port: the
		// others take that for granted on one machine.
		gossip, raft, serve, watch := freePair(t), freePair(t), freePair(t), freePair(t)
		c.nodes = append(c.nodes, &Node{cluster: c, name: fmt.Sprintf("node%d", i+1),
			rest: serve, grpc: serve + 1, gossip: gossip, data: gossip + 1, raft: raft, raftRPC: raft + 1, metrics: watch, profile: watch + 1})
	}
	t.Cleanup(func() {
		for _, node := range c.nodes {
			node.Kill()
		}
		if t.Failed() {
			for _, node := range c.nodes {
				log, _ := os.ReadFile(filepath.Join(c.dir, node.name+".log"))
				t.Logf("the end of %s's log:\n%s", node.name, log[max(0, len(log)-3000):])
			}
		}
	})
	for _, node := range c.nodes {
		node.Start(t)
		for began := time.Now(); !node.listens() && time.Since(began) < time.Minute; {
			time.Sleep(50 * time.Millisecond)
		}
	}
	for _, node := range c.nodes {
		node.Wait(t, 90*time.Second)
	}
	return c
}

var nextPort = 20000 + os.Getpid()%600*20

// freePair finds a port that nobody listens on, nor on the one after it. It lies below
// those that systems give to connections.
func freePair(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := nextPort
		if nextPort += 2; nextPort > 32000 {
			nextPort = 20000
		}
		one, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		two, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		one.Close()
		if err == nil {
			two.Close()
			return port
		}
	}
	t.Fatal("no free ports")
	return 0
}

// Address is the address of a collection in the cluster.
func (c *Cluster) Address(class string) string {
	hosts := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d:%d", n.rest, n.grpc)
	}
	return "weaviate://" + strings.Join(hosts, ",") + "/" + class
}

// Address is the address of a collection through this node alone.
func (n *Node) Address(class string) string {
	return fmt.Sprintf("weaviate://127.0.0.1:%d:%d/%s", n.rest, n.grpc, class)
}

// Node is the i-th node.
func (c *Cluster) Node(i int) *Node { return c.nodes[i] }

// Dir is the folder of the node's data.
func (n *Node) Dir() string { return filepath.Join(n.cluster.dir, n.name) }

// Start starts the node's process. Its data is what it had.
func (n *Node) Start(t testing.TB) {
	t.Helper()
	c := n.cluster
	log, err := os.OpenFile(filepath.Join(c.dir, n.name+".log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var raft, gossip []string
	for _, o := range c.nodes {
		raft = append(raft, fmt.Sprintf("%s:%d", o.name, o.raft))
		if o != n && o.listens() { // one that does not answer is an error
			gossip = append(gossip, fmt.Sprintf("127.0.0.1:%d", o.gossip))
		}
	}
	n.cmd = exec.Command(c.server, "--host", "127.0.0.1", "--port", fmt.Sprint(n.rest), "--scheme", "http")
	n.cmd.Stdout, n.cmd.Stderr = log, log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	n.cmd.Env = append(os.Environ(),
		"PERSISTENCE_DATA_PATH="+n.Dir(),
		"CLUSTER_HOSTNAME="+n.name, "CLUSTER_ADVERTISE_ADDR=127.0.0.1", "CLUSTER_IN_LOCALHOST=true",
		fmt.Sprint("CLUSTER_GOSSIP_BIND_PORT=", n.gossip), fmt.Sprint("CLUSTER_DATA_BIND_PORT=", n.data),
		"CLUSTER_JOIN="+strings.Join(gossip, ","),
		fmt.Sprint("RAFT_PORT=", n.raft), fmt.Sprint("RAFT_INTERNAL_RPC_PORT=", n.raftRPC),
		"RAFT_JOIN="+strings.Join(raft, ","), fmt.Sprint("RAFT_BOOTSTRAP_EXPECT=", len(c.nodes)), "RAFT_BOOTSTRAP_TIMEOUT=90",
		fmt.Sprint("GRPC_PORT=", n.grpc), fmt.Sprint("GO_PROFILING_PORT=", n.profile), fmt.Sprint("PROMETHEUS_MONITORING_PORT=", n.metrics),
		"DEFAULT_VECTORIZER_MODULE=none", "DISABLE_TELEMETRY=true", "LOG_LEVEL=warning", "GOMAXPROCS=2", "GOMEMLIMIT=1500MiB",
	)
	if c.key {
		n.cmd.Env = append(n.cmd.Env, "AUTHENTICATION_APIKEY_ENABLED=true", "AUTHENTICATION_APIKEY_ALLOWED_KEYS="+Key,
			"AUTHENTICATION_APIKEY_USERS=akin", "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=false")
	} else {
		n.cmd.Env = append(n.cmd.Env, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true")
	}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd, ended := n.cmd, make(chan struct{})
	n.ended = ended
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
}

// listens reports whether the node takes others into its cluster.
func (n *Node) listens() bool {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", n.gossip))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// Wait waits until the node serves.
func (n *Node) Wait(t testing.TB, most time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d/v1/.well-known/ready", n.rest)
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not serve after %v", n.name, most)
		case <-n.ended:
			t.Fatalf("%s has ended", n.name)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Kill ends the process with SIGKILL.
func (n *Node) Kill() {
	if n.cmd == nil || n.cmd.Process == nil {
		return
	}
	_ = n.cmd.Process.Kill()
	<-n.ended
}

// Size returns how many bytes the nodes have on disk and in memory, all together; the
// second is 0 where the system does not tell.
func (c *Cluster) Size(t testing.TB) (disk, memory int64) {
	t.Helper()
	for _, n := range c.nodes {
		err := filepath.WalkDir(n.Dir(), func(path string, d os.DirEntry, err error) error {
			if info, statErr := os.Lstat(path); err == nil && statErr == nil && !d.IsDir() {
				disk += info.Size()
			}
			return nil // files come and go
		})
		if err != nil {
			t.Fatal(err)
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
		for line := range strings.Lines(string(status)) {
			var kb int64
			if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
				memory += kb << 10
			}
		}
	}
	return disk, memory
}
