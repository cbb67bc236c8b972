namespace Pipeline.Local.Storage;

/// <summary>When Azurite is started.</summary>
internal enum AzuriteStart
{
    /// <summary>With the first blob request, never before.</summary>
    OnDemand,

    /// <summary>With the host if it is installed already, else with the first blob request.</summary>
    Auto,

    /// <summary>Installed and started with the host, in the background.</summary>
    On,

    /// <summary>Never: blob requests go where they are sent.</summary>
    Off,
}
