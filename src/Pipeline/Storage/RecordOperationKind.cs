namespace Pipeline.Storage;

/// <summary>What an operation of a transactional batch does.</summary>
internal enum RecordOperationKind
{
    /// <summary>Creates a record that must not exist.</summary>
    Create,

    /// <summary>Replaces a record that must exist.</summary>
    Replace,

    /// <summary>Writes a record whether it exists or not.</summary>
    Upsert,

    /// <summary>Deletes a record that must exist.</summary>
    Delete,
}
