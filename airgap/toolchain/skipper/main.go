// Skipper as an ingress controller, with the parts of it that an Ingress needs and no other:
// hosts, paths, TLS from Secrets, the redirect to HTTPS and the Ingress' status.
package main

import (
	"crypto/tls"
	"log"
	"net/http"
	"time"

	"github.com/zalando/skipper/dataclients/kubernetes"
	"github.com/zalando/skipper/filters/builtin"
	"github.com/zalando/skipper/loadbalancer"
	"github.com/zalando/skipper/metrics"
	"github.com/zalando/skipper/proxy"
	"github.com/zalando/skipper/routing"
	"github.com/zalando/skipper/secrets/certregistry"
)

const (
	// As Kubernetes hands over a pod that ends: its address is gone within this time.
	pollPeriod = time.Second
	// The Service whose load balancer every Ingress' status names.
	service = "kube-system/skipper"
)

func main() {
	certificates := certregistry.NewCertRegistry()
	ingresses, err := kubernetes.New(kubernetes.Options{
		KubernetesInCluster:            true,
		KubernetesEnableEndpointslices: true,
		IngressClass:                   "^skipper$",
		ProvideHTTPSRedirect:           true,
		HTTPSRedirectCode:              http.StatusPermanentRedirect,
		CertificateRegistry:            certificates,
		IngressStatusFromService:       service,
	})
	if err != nil {
		log.Fatal(err)
	}
	endpoints := routing.NewEndpointRegistry(routing.RegistryOptions{})
	routes := routing.New(routing.Options{
		DataClients: []routing.DataClient{ingresses},
		PollTimeout: pollPeriod,
		// Who can connect finds every route.
		SignalFirstLoad: true,
		FilterRegistry:  builtin.MakeRegistry(),
		PostProcessors:  []routing.PostProcessor{loadbalancer.NewAlgorithmProvider(), endpoints},
	})
	handler := proxy.WithParams(proxy.Params{
		Routing:              routes,
		EndpointRegistry:     endpoints,
		Metrics:              metrics.Void,
		AccessLogDisabled:    true,
		CloseIdleConnsPeriod: 20 * time.Second,
	})

	plain := http.Server{Addr: ":80", Handler: from("http", handler)}
	secure := http.Server{
		Addr:      ":443",
		Handler:   from("https", handler),
		TLSConfig: &tls.Config{GetCertificate: certificates.GetCertFromHello, MinVersion: tls.VersionTLS12},
	}
	<-routes.FirstLoad()
	go func() { log.Fatal(plain.ListenAndServe()) }()
	log.Fatal(secure.ListenAndServeTLS("", ""))
}

// from says how a request came, which decides whether it is redirected.
func from(scheme string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Forwarded-Proto", scheme)
		r.Header.Set("X-Forwarded-Host", r.Host)
		next.ServeHTTP(w, r)
	})
}
