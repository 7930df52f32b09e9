// Package publishers reads what publishers send that speak no API of recado's.
package publishers
