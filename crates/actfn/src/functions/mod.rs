//! One file per activation: its definition, its derivative, and all that is known of it.

/// The one list. A line makes the file a module, its type public, and the function known by name everywhere.
macro_rules! functions {
    ($($kind:ident $file:ident::$function:ident,)*) => {
        $(mod $file;)*
        $(pub use $file::$function;)*

        #[cfg(feature = "catalogue")]
        /// Every function at its default parameters, in the order of the list. A static, which other crates refer to: through
        /// a constant every crate that names the catalogue compiled all kernels again, with its own settings.
        pub(crate) static ALL: &[fn() -> crate::Activation] =
            &[$(|| crate::Activation::$kind($function::default())),*];
    };
}

functions! {
    elementwise perceptron::Perceptron,
    elementwise sigmoid::Sigmoid,
    elementwise tanh::Tanh,
    elementwise arctan::Arctan,
    elementwise relu::Relu,
    elementwise leaky_relu::LeakyRelu,
    elementwise selu::Selu,
    elementwise identity::Identity,
    elementwise prelu::Prelu,
    elementwise rrelu::Rrelu,
    elementwise relu6::Relu6,
    elementwise squared_relu::SquaredRelu,
    elementwise star_relu::StarRelu,
    elementwise threshold::Threshold,
    elementwise thresholded_relu::ThresholdedRelu,
    elementwise keras_relu::KerasRelu,
    elementwise tlu::Tlu,
    elementwise abs::Abs,
    elementwise sign::Sign,
    elementwise hardtanh::Hardtanh,
    elementwise hardsigmoid::Hardsigmoid,
    elementwise onnx_hard_sigmoid::OnnxHardSigmoid,
    elementwise hardswish::Hardswish,
    elementwise sparse_sigmoid::SparseSigmoid,
    elementwise sparse_plus::SparsePlus,
    elementwise hardshrink::Hardshrink,
    elementwise softshrink::Softshrink,
    elementwise shrink::Shrink,
    elementwise softsign::Softsign,
    elementwise isru::Isru,
    elementwise isrlu::Isrlu,
    elementwise bent_identity::BentIdentity,
    elementwise squareplus::Squareplus,
    elementwise elu::Elu,
    elementwise celu::Celu,
    elementwise xielu::Xielu,
    elementwise exponential::Exponential,
    elementwise softplus::Softplus,
    elementwise sqrt_softplus::SqrtSoftplus,
    elementwise log_sigmoid::LogSigmoid,
    elementwise logcosh::Logcosh,
    elementwise silu::Silu,
    elementwise swish::Swish,
    elementwise dsilu::Dsilu,
    elementwise gelu::Gelu,
    elementwise gelu_tanh::GeluTanh,
    elementwise quick_gelu::QuickGelu,
    elementwise clipped_gelu::ClippedGelu,
    elementwise mish::Mish,
    elementwise lisht::Lisht,
    elementwise lecun_tanh::LecunTanh,
    elementwise tanhshrink::Tanhshrink,
    elementwise laplace::Laplace,
    elementwise gaussian::GaussianBump,
    elementwise sine::Sine,
    elementwise snake::Snake,
    rowwise maxout::Maxout,
    rowwise crelu::Crelu,
    rowwise softmax::Softmax,
    rowwise log_softmax::LogSoftmax,
    rowwise softmin::Softmin,
    rowwise quiet_softmax::QuietSoftmax,
    rowwise sparsemax::Sparsemax,
    rowwise entmax15::Entmax15,
    rowwise hardmax::Hardmax,
    rowwise gumbel_softmax::GumbelSoftmax,
    rowwise glu::Glu,
    rowwise swiglu::Swiglu,
    rowwise geglu::Geglu,
    rowwise reglu::Reglu,
    rowwise bilinear::Bilinear,
}
