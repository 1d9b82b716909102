/// Why an activation cannot be applied to a tensor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The tensor is on a device that the kernels cannot reach.
    #[error("{activation} runs on burn's flex CPU device, but the tensor is on {device}: move it with `to_device`")]
    Device {
        /// The activation.
        activation: String,
        /// The tensor's device.
        device: String,
    },
    /// The tensor's elements are of a format that the kernels do not compute in: not f32, f64, f16 or bf16, or f64 for an
    /// activation that is [exact](actfn::Activation::exact).
    #[error("{activation} does not take tensors of {format:?}: convert with `cast`")]
    Format {
        /// The activation.
        activation: String,
        /// The tensor's element format.
        format: burn::tensor::DType,
    },
    /// The tensor's last dimension has a length for which a rowwise activation has no meaning.
    #[error("{activation} has no meaning for rows of this length: the tensor's shape is {shape:?}")]
    Columns {
        /// The activation.
        activation: String,
        /// The tensor's shape.
        shape: Vec<usize>,
    },
}
