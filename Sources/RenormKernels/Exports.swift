// Matrices are part of this module's interface.
@_exported public import struct LinearAlgebra.Matrix
