// SPDX-License-Identifier: MIT

package dns

import "errors"

// AsError returns err as the *Error it is, or, if a resolver returned another
// kind of error (such as the end of a context), as Timeout of this question: no
// answer came. It returns nil for nil.
func AsError(err error, name string, t Type) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Name: name, Type: t, Code: Timeout, Detail: err.Error()}
}
