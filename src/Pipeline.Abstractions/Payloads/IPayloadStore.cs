namespace Pipeline.Payloads;

/// <summary>
/// Keeps the data of messages that are too large for the transport (claim check). Names are made by the pipeline and need
/// no escaping anywhere: letters, digits, <c>- _ ~</c>, with <c>/</c> between their parts.
/// </summary>
public interface IPayloadStore
{
    /// <summary>The address of a payload, the CloudEvents <c>dataref</c> (extension "Dataref (Claim Check Pattern)").</summary>
    /// <exception cref="Storage.StoreUnavailableException">No store is configured; the message says what to set.</exception>
    string AddressOf(string name);

    /// <summary>The name of the payload at an address; <see langword="null"/> if it is not of this store, even if another service answers there.</summary>
    /// <exception cref="Storage.StoreUnavailableException">No store is configured; the message says what to set.</exception>
    string? NameOf(string address);

    /// <summary>Keeps a payload, over what has that name. Its age starts anew.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="origin">Whose it is, for the collector; <see langword="null"/> for what the collector is to pass over.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="Storage.StoreUnavailableException">The store is unavailable.</exception>
    Task PutAsync(string name, ReadOnlyMemory<byte> content, PayloadOrigin? origin, CancellationToken cancellationToken);

    /// <summary>The bytes of a payload; <see langword="null"/> if there is none of that name.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The store is unavailable.</exception>
    /// <exception cref="InvalidDataException">It is larger than any that the pipeline stores.</exception>
    Task<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deletes a payload if it is still the one that was listed. False if it is not, or gone already.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The store is unavailable.</exception>
    Task<bool> DeleteAsync(string name, string etag, CancellationToken cancellationToken);

    /// <summary>One page of payloads, by name.</summary>
    /// <param name="prefix">What their names start with; <see langword="null"/> for all.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="Storage.StoreUnavailableException">The store is unavailable.</exception>
    Task<PayloadPage> ListAsync(string? prefix, string? continuation, CancellationToken cancellationToken);
}
