//! The contract of Sluice, compiled: messages, the clients and servers of each service, and the descriptor set.
//!
//! The text of the contract is `sluice/v1/*.proto`; this crate adds nothing to it but [`Reason::word`](v1::Reason::word) and
//! a form of [`Embedder`](v1::Embedder) for logs that never shows its key.

/// Version 1 of the contract.
pub mod v1 {
    #[expect(
        clippy::all,
        clippy::pedantic,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        unused_qualifications,
        reason = "generated code answers to its generator, not to our lints"
    )]
    mod generated {
        tonic::include_proto!("sluice.v1");
    }
    pub use generated::*;

    /// All files of the contract as an encoded `FileDescriptorSet`, comments included.
    pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("sluice_descriptor");

    /// The `domain` of every `google.rpc.ErrorInfo` that Sluice sends.
    pub const ERROR_DOMAIN: &str = "sluice";

    impl std::fmt::Debug for Embedder {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Embedder")
                .field("url", &self.url)
                .field("model", &self.model)
                .field("dimensions", &self.dimensions)
                .finish_non_exhaustive()
        }
    }

    impl Reason {
        /// The word that travels in `google.rpc.ErrorInfo.reason`, such as `LANE_BUSY`.
        pub fn word(self) -> &'static str {
            let name = self.as_str_name();
            name.strip_prefix("REASON_").unwrap_or(name)
        }

        /// The reason that a word stands for; `None` for a word of a newer contract.
        pub fn from_word(word: &str) -> Option<Self> {
            Self::from_str_name(&format!("REASON_{word}"))
        }
    }
}
