namespace Pipeline.AzureFunctions.Configuration;

/// <summary>Where a setting must be set.</summary>
[Flags]
public enum SettingPlace
{
    /// <summary>Optional.</summary>
    None = 0,

    /// <summary>The app settings in Azure, which <c>infra-bicep</c> writes.</summary>
    InAzure = 1,

    /// <summary><c>local.settings.sample.json</c>, for a run on one machine or with emulators.</summary>
    OnMachine = 2,
}
