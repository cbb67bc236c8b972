namespace Pipeline;
