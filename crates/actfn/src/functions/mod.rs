//! One file per activation: its definition, its derivative, and all that is known of it.

/// The one list. A line makes the file a module, its type public, and the function known by name everywhere.
macro_rules! functions {
    ($($kind:ident $file:ident::$function:ident,)*) => {
        $(mod $file;)*
        $(pub use $file::$function;)*

        /// Every function at its default parameters, in the order of the list.
        pub(crate) const ALL: &[fn() -> crate::Activation] =
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
    rowwise maxout::Maxout,
    rowwise softmax::Softmax,
}
