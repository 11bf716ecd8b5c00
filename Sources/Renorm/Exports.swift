// What a caller of `Renorm` names in its own code: the two modules below it, and matrices.
@_exported public import RenormAction
@_exported public import RenormKernels

@_exported public import struct LinearAlgebra.Matrix
