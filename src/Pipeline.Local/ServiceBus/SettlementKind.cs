namespace Pipeline.Local.ServiceBus;

internal enum SettlementKind
{
    Complete,
    Abandon,
    Defer,
    DeadLetter,
}
