// The network of a node: the addresses of its pods, the routes to the pods of other nodes, and
// kube-router's firewall, which enforces NetworkPolicies. An error ends the program; it is started
// again and does everything once more.
package main

import (
	"context"
	"flag"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/cloudnativelabs/kube-router/v2/pkg/utils"
	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

var (
	kubeconfig = flag.String("kubeconfig", "", "the file that says where the API server is")
	name       = flag.String("node", "", "this node's name")
	services   = flag.String("service-cluster-ip-range", "", "the addresses of services")
	template   = flag.String("bridge-template", "", "the bridge's configuration, with @SUBNET@ for the addresses of this node's pods")
	bridge     = flag.String("bridge", "", "where the container runtime looks for the bridge's configuration")
)

func main() {
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	check(err)
	client, err := kubernetes.NewForConfig(config)
	check(err)
	// Informers wait longer after each error: up to half a minute for rights that take seconds to come.
	_, err = client.NetworkingV1().NetworkPolicies("").List(context.Background(), metav1.ListOptions{Limit: 1})
	check(err)

	forever := make(chan struct{})
	factory := informers.NewSharedInformerFactory(client, 0)
	nodes := factory.Core().V1().Nodes().Informer()
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	factory.Start(forever)
	factory.WaitForCacheSync(forever)

	connect(nodes)
	protect(client, pods, policies, namespaces, forever)
}

// connect returns when this node has addresses for its pods; it keeps the routes to other nodes.
func connect(nodes cache.SharedIndexInformer) {
	connected := make(chan struct{})
	var once sync.Once
	var own string
	update := func(object any) {
		node := object.(*corev1.Node)
		subnet, address := node.Spec.PodCIDR, internal(node)
		switch {
		case subnet == "" || address == "":
			// Its kubelet or the controller manager has not come as far yet.
		case node.Name != *name:
			check(netlink.RouteReplace(route(subnet, address)))
		case own == "":
			own = address
			configure(subnet)
			once.Do(func() { close(connected) })
		case own != address:
			// The firewall finds the node's pods by the address that the node had when it began.
			klog.Exitf("the node's address was %s and is %s", own, address)
		}
	}
	_, err := nodes.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    update,
		UpdateFunc: func(_, object any) { update(object) },
		DeleteFunc: func(object any) {
			if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			if node, ok := object.(*corev1.Node); ok && node.Name != *name && node.Spec.PodCIDR != "" {
				// It is gone already where the node never had an address.
				_ = netlink.RouteDel(route(node.Spec.PodCIDR, ""))
			}
		},
	})
	check(err)
	<-connected
}

// protect enforces the policies, for ever.
func protect(
	client kubernetes.Interface, pods, policies, namespaces cache.SharedIndexInformer, forever chan struct{},
) {
	config := options.NewKubeRouterConfig()
	config.EnableIPv4 = true
	config.HostnameOverride = *name
	config.ClusterIPCIDRs = []string{*services}
	iptables, ipsets, err := netpol.NewIPTablesHandlers(config)
	check(err)
	firewall, err := netpol.NewNetworkPolicyController(
		client, config, pods, policies, namespaces, &sync.Mutex{}, iptables, ipsets)
	check(err)
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods:       firewall.PodEventHandler,
		policies:   firewall.NetworkPolicyEventHandler,
		namespaces: firewall.NamespaceEventHandler,
	} {
		_, err = informer.AddEventHandler(handler)
		check(err)
	}
	heartbeats := make(chan *healthcheck.ControllerHeartbeat)
	go func() {
		for range heartbeats {
		}
	}()
	var group sync.WaitGroup
	group.Add(1)
	firewall.Run(heartbeats, forever, &group)
}

func internal(node *corev1.Node) string {
	address, err := utils.GetPrimaryNodeIP(node)
	if err != nil {
		return ""
	}
	return address.String()
}

func route(subnet, address string) *netlink.Route {
	_, destination, err := net.ParseCIDR(subnet)
	check(err)
	return &netlink.Route{Dst: destination, Gw: net.ParseIP(address)}
}

func configure(subnet string) {
	text, err := os.ReadFile(*template)
	check(err)
	check(os.WriteFile(*bridge, []byte(strings.ReplaceAll(string(text), "@SUBNET@", subnet)), 0o644))
}

func check(err error) {
	if err != nil {
		klog.Exit(err)
	}
}
