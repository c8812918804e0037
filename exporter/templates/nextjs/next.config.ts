import type { NextConfig } from "next";

const nextConfig: NextConfig = {
  output: process.env.STANDALONE ? "standalone" : undefined,
  poweredByHeader: false,
  turbopack: { root: __dirname },
};

export default nextConfig;
