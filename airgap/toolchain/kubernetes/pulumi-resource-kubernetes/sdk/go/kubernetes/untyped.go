package kubernetes

import "reflect"

// UntypedArgs are the inputs of a resource that has no Go type.
type UntypedArgs map[string]any

func (UntypedArgs) ElementType() reflect.Type { return reflect.TypeFor[map[string]any]() }
