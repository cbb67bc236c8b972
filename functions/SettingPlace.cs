namespace Pipeline.Functions;

/// <summary>Where a setting belongs.</summary>
[Flags]
internal enum SettingPlace
{
    /// <summary>Only where somebody wants to override something.</summary>
    None = 0,

    /// <summary>The app settings that <c>infra-bicep</c> writes.</summary>
    InAzure = 1,

    /// <summary><c>local.settings.sample.json</c>: the run on one machine, or against emulators.</summary>
    OnMachine = 2,
}
