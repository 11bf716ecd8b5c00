// Data sets, their shapes and matrices are part of this module's interface.
@_exported public import RenormKernels

@_exported public import struct LinearAlgebra.Matrix
