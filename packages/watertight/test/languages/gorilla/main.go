// An echo on Debian's golang-github-gorilla-websocket-dev. The argument says what is wrong with it: `healthy`, or `goroutine`
// (a goroutine and a descriptor a connection).
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func main() {
	fault := "healthy"
	if len(os.Args) > 1 {
		fault = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on ws://%s\n", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer socket.Close()
		if fault == "goroutine" {
			journal, _ := os.Open("/dev/null")
			go func() {
				<-make(chan struct{})
				journal.Close()
			}()
		}
		for {
			kind, message, err := socket.ReadMessage()
			if err != nil || socket.WriteMessage(kind, message) != nil {
				return
			}
		}
	})))
}
